import type { Deps } from "./deps.ts";

/** The daemon's counters in Prometheus' text format. */
export function readMetrics(deps: Deps): string {
  const { requests, inputTokens, outputTokens, repairs } = deps.counters;
  const lines = [
    "# HELP ccproxy_requests_total Requests answered.",
    "# TYPE ccproxy_requests_total counter",
    ...[...requests].map(([labels, count]) => `ccproxy_requests_total{${labels}} ${count}`),
    "# HELP ccproxy_tokens_total Tokens as providers counted them, on converted requests.",
    "# TYPE ccproxy_tokens_total counter",
    `ccproxy_tokens_total{direction="input"} ${inputTokens}`,
    `ccproxy_tokens_total{direction="output"} ${outputTokens}`,
    "# HELP ccproxy_repairs_total Repairs made on tool calls written as text.",
    "# TYPE ccproxy_repairs_total counter",
    `ccproxy_repairs_total ${repairs}`,
    "# HELP ccproxy_cooling_keys Provider keys that rest.",
    "# TYPE ccproxy_cooling_keys gauge",
    `ccproxy_cooling_keys ${deps.cooldowns.entries().length}`,
    "# HELP ccproxy_uptime_seconds Seconds since the start.",
    "# TYPE ccproxy_uptime_seconds gauge",
    `ccproxy_uptime_seconds ${Math.round((deps.now() - deps.startedAt) / 1000)}`,
  ];
  return `${lines.join("\n")}\n`;
}
