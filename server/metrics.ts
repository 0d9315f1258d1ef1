import type { Deps } from "./deps.ts";
import type { Histogram } from "./usage/histogram.ts";

/** The daemon's counters in Prometheus' text format, and its content type. Loads what writes it when first asked. */
export async function readMetrics(deps: Deps): Promise<{ type: string; text: string }> {
  deps.flushLog();
  const [{ default: Registry }, { default: Counter }, { default: Gauge }] = await Promise.all([
    import("prom-client/lib/registry.js"),
    import("prom-client/lib/counter.js"),
    import("prom-client/lib/gauge.js"),
  ]);
  const registry = new Registry();
  const registers = [registry];
  const { counters } = deps;

  const counter = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Gauge({ name, help, labelNames, registers });

  const requests = counter("ccproxy_requests_total", "Requests answered.", ["protocol", "status", "via"]);
  for (const { labels, count } of counters.requests.values()) requests.inc({ ...labels }, count);
  const tokens = counter("ccproxy_tokens_total", "Tokens as providers counted them.", ["direction"]);
  tokens.inc({ direction: "input" }, counters.inputTokens);
  tokens.inc({ direction: "output" }, counters.outputTokens);
  counter("ccproxy_cached_tokens_total", "Input tokens from providers' caches.").inc(counters.cachedTokens);
  const estimated = counter(
    "ccproxy_estimated_tokens_total",
    "Tokens counted by ccproxy where the provider did not say; not in ccproxy_tokens_total.",
    ["direction"],
  );
  estimated.inc({ direction: "input" }, counters.estimatedInputTokens);
  estimated.inc({ direction: "output" }, counters.estimatedOutputTokens);
  counter("ccproxy_repairs_total", "Repairs made on tool calls written as text.").inc(counters.repairs);
  gauge("ccproxy_cooling_keys", "Keys, models of keys and targets that rest.").set(
    deps.health.resting().length,
  );
  gauge("ccproxy_uptime_seconds", "Seconds since the start.").set(
    Math.round((deps.now() - deps.startedAt) / 1000),
  );

  const served = counter("ccproxy_target_requests_total", "Requests by the target that answered last.", [
    "target",
    "outcome",
  ]);
  const failures = counter("ccproxy_target_failures_total", "Attempts that failed.", ["target"]);
  const first = toTimes("first_token", "Seconds until an answer began");
  const whole = toTimes("answer", "Seconds until an answer was over");
  for (const timing of deps.timings.all()) {
    const { target } = timing;
    served.inc({ target, outcome: "ok" }, timing.requests - timing.errors);
    served.inc({ target, outcome: "error" }, timing.errors);
    failures.inc({ target }, timing.failures);
    first(target, timing.first);
    whole(target, timing.total);
  }
  return { type: registry.contentType, text: await registry.metrics() };

  function toTimes(name: string, help: string): (target: string, histogram: Histogram) => void {
    const quantiles = gauge(`ccproxy_${name}_seconds`, `${help}, by quantile.`, ["target", "quantile"]);
    const sum = counter(`ccproxy_${name}_seconds_sum`, `${help}, all together.`, ["target"]);
    const count = counter(`ccproxy_${name}_seconds_count`, `${help}: how often it was measured.`, ["target"]);
    return (target, histogram) => {
      for (const share of QUANTILES) {
        const ms = histogram.quantile(share);
        if (ms !== undefined) quantiles.set({ target, quantile: String(share) }, ms / 1000);
      }
      sum.inc({ target }, histogram.sum() / 1000);
      count.inc({ target }, histogram.count());
    };
  }
}

const QUANTILES = [0.5, 0.95, 0.99];
