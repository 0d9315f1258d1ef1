import { GatewayError } from "../../adapters/errors.ts";
import type { Config, ProviderConfig, Storage } from "../../storage/types.ts";
import type { Deps } from "../deps.ts";
import { DEMO_BASE_URL } from "../demo/answer-demo.ts";
import { hideSecrets } from "../hide-secrets.ts";
import type { ManyLookup } from "../private-names.ts";
import { findProviderAdapter } from "../provider-adapter.ts";
import { callProvider } from "../provider-client.ts";
import { advise } from "./advise.ts";
import { toAuth, toMissing } from "./auth-step.ts";
import { pickModel } from "./pick-model.ts";
import { probeConnection } from "./probe-connection.ts";
import { toTls } from "./tls-step.ts";
import { toWorst, type ProviderReport, type Step, type StepId } from "./step.ts";
import { toNetworkError } from "../to-network-error.ts";
import { tryChat, tryStream, tryTools, type Trying } from "./try-chats.ts";

export interface ProviderTest {
  id: string;
  provider: ProviderConfig;
  /** As configured; undefined: none. */
  key?: string;
  keyName?: string;
  /** Default: one that is used, else one it lists. */
  model?: string;
  /** For all steps together; default 10 s. */
  timeoutMs?: number;
  /** `key`: only what tells whether the key is good. Default `all`. */
  scope?: "all" | "key";
}

export interface TestDeps extends Pick<Deps, "adapters" | "upstream"> {
  storage: Storage;
  config: () => Config;
  lookup?: ManyLookup;
}

/**
 * Tries a provider by one of its keys, step by step, the way the daemon asks it. Never throws for what the provider
 * does; ends within `timeoutMs`.
 */
export async function testProvider(test: ProviderTest, deps: TestDeps): Promise<ProviderReport> {
  const { id, provider, key, timeoutMs = 10_000, scope = "all" } = test;
  const began = performance.now();
  const left = (): number => Math.max(1, Math.floor(timeoutMs - MARGIN_MS - (performance.now() - began)));
  const steps: Step[] = [];
  const clean = (text: string): string => hideSecrets(deps.storage, text);
  const add = (step: Step): void => {
    const { message, fix, ms } = step;
    steps.push({
      ...step,
      message: clean(message),
      ...(fix !== undefined && { fix: clean(fix) }),
      ...(ms !== undefined && { ms: Math.round(ms) }),
    });
  };
  let models: string[] = [];
  let model = test.model;
  let clockSkewMs: number | undefined;
  const finish = (): ProviderReport => {
    for (const missing of (scope === "key" ? KEY_STEPS : STEPS).filter(
      (name) => !steps.some((step) => step.id === name),
    ))
      steps.push({ id: missing, outcome: "skip", message: "not tried, for what failed before it" });
    steps.sort((a, b) => STEPS.indexOf(a.id) - STEPS.indexOf(b.id));
    const keyName = test.keyName ?? id;
    return {
      provider: id,
      keyName,
      ...(model !== undefined && { model }),
      outcome: toWorst(steps),
      ms: Math.round(performance.now() - began),
      steps,
      ...(clockSkewMs !== undefined && { clockSkewMs: Math.round(clockSkewMs / 1000) * 1000 }),
      models,
    };
  };
  const failed = (name: StepId, error: GatewayError, ms?: number): void =>
    add({ id: name, outcome: "fail", message: error.message, fix: advise(error, { id, key }), ms });

  if (!(await connected())) return finish();
  const secret = key === undefined ? undefined : deps.storage.resolveKey(key);
  if (key !== undefined && secret === undefined) {
    add({ id: "auth", outcome: "fail", ...toMissing(key, id) });
    return finish();
  }

  const listed = await list();
  model ??= pickModel(deps.config(), id, models);
  if (listed?.kind === "upstream-auth") {
    failed("auth", listed);
    return finish();
  }
  const trying: Trying = { target: { providerId: id, provider, secret }, deps, id, key, left };
  if (model === undefined) {
    add({
      id: "chat",
      outcome: listed ? "skip" : "warn",
      message: "no model is known to try it with",
      fix: `ccproxy provider test ${id} --model <name>`,
    });
    // Some give their list to anybody, but none of them to a wrong key.
    if (!listed && models.length > 0) add(toAuth(key, id));
    return finish();
  }
  const chat = await tryChat({ ...trying, model });
  // Told where the key is judged.
  const refused = chat.error?.kind === "upstream-auth";
  if (!refused) add(chat.step);
  add(toAuth(key, id, chat.error));
  if (chat.date !== undefined) clockSkewMs = chat.date - Date.now();
  if (scope === "key" || (chat.error && !PASSING.has(chat.error.kind))) return finish();
  for (const step of await Promise.all([tryTools({ ...trying, model }), tryStream({ ...trying, model })]))
    add(step);
  return finish();

  async function connected(): Promise<boolean> {
    if (provider.baseUrl === DEMO_BASE_URL) return true;
    const found = await probeConnection(provider, { timeoutMs: Math.min(4000, left()), lookup: deps.lookup });
    const { dns, error, tls, host } = found;
    const through = provider.proxy === undefined ? "" : " (the proxy)";
    const failure = error && toNetworkError(dns?.error ?? error, provider.proxy ?? provider.baseUrl);
    const atDns = dns?.error !== undefined || failure?.code === "private_address";
    if (failure && atDns) {
      failed("dns", failure, dns?.ms);
      return false;
    }
    const message = dns
      ? `${host}${through} is ${dns.addresses.slice(0, 2).join(", ")}`
      : `${host}${through} is an address`;
    if (scope === "all") add({ id: "dns", outcome: "ok", message, ms: dns?.ms });
    if (failure) {
      failed("tls", failure);
      return false;
    }
    if (scope === "all") add({ id: "tls", ...toTls(provider, tls), ms: found.connectMs });
    return true;
  }

  /** The provider's list of models; why there is none. */
  async function list(): Promise<GatewayError | undefined> {
    const started = performance.now();
    try {
      const adapter = findProviderAdapter(deps.adapters, { providerId: id, provider });
      const wire = adapter.provider.models.list;
      const call = { adapter, provider, key, wire, timeoutMs: Math.min(4000, left()) };
      const body = await callProvider(call, deps.upstream, deps.storage);
      models = adapter.provider.models.parseList(body).map((info) => info.id);
      if (scope === "all")
        add({ id: "models", ...toListed(models, test.model), ms: performance.now() - started });
      return undefined;
    } catch (cause) {
      const error =
        cause instanceof GatewayError ? cause : new GatewayError("upstream", String(cause), { cause });
      if (scope === "key") return error;
      const ms = performance.now() - started;
      // That the key is refused is told where the key is judged. Some have no list: what they serve is configured then.
      if (error.kind !== "upstream-auth")
        add({
          id: "models",
          outcome: "warn",
          message: `no list: ${error.message}`,
          fix: HAS_NONE.has(error.kind)
            ? `ccproxy provider edit ${id} --model <name>, if it has no list of its own`
            : advise(error, { id, key }),
          ms,
        });
      return error;
    }
  }
}

function toListed(models: readonly string[], wanted: string | undefined): Omit<Step, "id"> {
  const count = models.length === 1 ? "1 model" : `${models.length} models`;
  if (wanted === undefined || models.length === 0 || models.some((name) => isSame(name, wanted)))
    return { outcome: "ok", message: count };
  return { outcome: "warn", message: `${count}, "${wanted}" is not among them`, fix: "look at its spelling" };
}

const isSame = (listed: string, asked: string): boolean =>
  listed.replace(/^models\//, "").replace(/:latest$/, "") === asked.replace(/:latest$/, "");

const STEPS: readonly StepId[] = ["dns", "tls", "auth", "models", "chat", "tools", "stream"];
const KEY_STEPS: readonly StepId[] = ["auth", "chat"];
/** How providers without a list answer. */
const HAS_NONE = new Set(["not-found", "invalid-request", "unsupported"]);
/** After these the other chats are worth trying. */
const PASSING = new Set(["invalid-request"]);
/** Kept for what ends after the last answer. */
const MARGIN_MS = 300;
