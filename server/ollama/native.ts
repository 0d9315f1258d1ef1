import { GatewayError } from "../../adapters/errors.ts";
import { withTag } from "../../adapters/model-tag.ts";
import { isObject, type Json, toWord } from "../../adapters/validate.ts";
import type { Exchange } from "../exchange.ts";
import { withTools } from "../models.ts";
import { findNativeTarget, type NativeTarget } from "../native-target.ts";
import { callProvider } from "../provider-client.ts";
import { withConfigured } from "../with-configured.ts";

/**
 * A real Ollama's own answer to `/api/show`, with what we add to the model: tools where compat mode teaches them.
 * Undefined where it cannot be asked, or does not know a model that an alias of ours names: then what is known here
 * has to do, since clients that describe every model of the list give up at the first that fails.
 */
export async function showNative(
  exchange: Exchange,
  target: NativeTarget,
  { name, fields }: { name: string; fields: Json },
): Promise<Json | undefined> {
  const { name: _name, ...rest } = fields;
  const shown = await ask(exchange, target, "POST", "/api/show", { ...rest, model: target.model }).catch(
    (error: unknown) => {
      if (!(error instanceof GatewayError)) throw error;
      // Some that imitate Ollama have no such route.
      if (error.code !== "model_not_found" || target.exact) return undefined;
      throw new GatewayError("not-found", `model '${withTag(name)}' not found`);
    },
  );
  if (!isObject(shown)) return undefined;
  const listed = Array.isArray(shown.capabilities) ? shown.capabilities : [];
  const told = listed.filter((word) => typeof word === "string");
  // Ollamas before 0.6 do not say what a model can do.
  const configured = withConfigured({ id: name, capabilities: told }, target);
  const { capabilities } = withTools(configured, target);
  const info = isObject(shown.model_info) ? shown.model_info : {};
  const architecture = toWord(info["general.architecture"] ?? UNNAMED);
  const context = configured.contextLength && {
    "general.architecture": architecture,
    [`${architecture}.context_length`]: configured.contextLength,
  };
  // Ollama does so for Copilot, which wants to find the name it asked for; it does not see who asks here.
  const isCopilot = exchange.call.headers["user-agent"]?.startsWith("GitHubCopilotChat/");
  return {
    ...shown,
    model_info: { ...info, ...context, ...(isCopilot && { "general.basename": name }) },
    capabilities: capabilities?.length ? capabilities : ["completion", "tools"],
  };
}

/** What the real Ollamas of the group have in memory, under the names by which the group reaches it. */
export async function listLoaded(exchange: Exchange, group: string): Promise<Json[]> {
  const { adapter, deps } = exchange;
  const router = deps.router();
  const { aliases } = router.group(group);
  const find = (name: string) => findNativeTarget(router, adapter.protocol, { group, name });
  const named = [...aliases.exact, ...aliases.globs].flatMap((alias) => {
    const target = find(alias);
    return target ? [{ alias, target }] : [];
  });
  const providers = new Map(named.map(({ target }) => [target.providerId, target]));
  const lists = await Promise.all([...providers.values()].map((target) => askLoaded(exchange, target)));
  return [...providers.keys()].flatMap((providerId, index) =>
    (lists[index] ?? []).flatMap((item) => {
      const model = toWord(item.model ?? item.name ?? "");
      const leadsThere = (target: NativeTarget | undefined): boolean =>
        target?.providerId === providerId &&
        withTag(target.model).toLowerCase() === withTag(model).toLowerCase();
      const own = named.filter(({ target }) => target.exact && leadsThere(target)).map(({ alias }) => alias);
      const names = own.length ? own : leadsThere(find(model)) ? [model] : [];
      return names.map((name) => ({ ...item, name: withTag(name), model: withTag(name) }));
    }),
  );
}

async function askLoaded(exchange: Exchange, target: NativeTarget): Promise<Json[]> {
  try {
    const body = await ask(exchange, target, "GET", "/api/ps");
    return isObject(body) && Array.isArray(body.models) ? body.models.filter(isObject) : [];
  } catch (error) {
    // One that does not answer has nothing loaded as far as anybody can tell.
    if (error instanceof GatewayError) return [];
    throw error;
  }
}

function ask(
  { adapter, deps, signal }: Exchange,
  { provider }: NativeTarget,
  method: "GET" | "POST",
  path: string,
  body?: Json,
): Promise<unknown> {
  const wire = { method, path, ...(body && { body }) };
  const call = { adapter, provider, key: provider.keys?.[0], wire, timeoutMs: TIMEOUT_MS, signal };
  return callProvider(call, deps.upstream, deps.storage);
}

const UNNAMED = "ccproxy";
const TIMEOUT_MS = 10_000;
