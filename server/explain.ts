import { GatewayError } from "../adapters/errors.ts";
import { adapters, findAdapter } from "../adapters/index.ts";
import type { UnifiedRequest } from "../adapters/unified.ts";
import { isObject } from "../adapters/validate.ts";
import { hashConversation } from "../routing/conversation.ts";
import type { Explanation } from "../routing/explain.ts";
import type { RouteRequest, Router } from "../routing/router.ts";
import type { Config } from "../storage/types.ts";
import { reaches, reachesModel } from "./auth.ts";
import { hasImages } from "./has-images.ts";
import { resolveModel } from "./resolve-model.ts";
import { loadTokenCounter } from "./usage/token-counter.ts";

/** What a request would be like. */
export interface ExplainQuery {
  model?: string;
  /** Default: "default"; "switch": the active one. */
  group?: string;
  tokens?: number;
  tools?: boolean;
  images?: boolean;
  thinking?: boolean;
  /** A request's body as a client sends it; what stands above wins over it. */
  body?: unknown;
  /** What the body is written in; default: as it looks. */
  protocol?: string;
  /** Id or name of a client key. */
  key?: string;
}

export interface ExplainDeps {
  router: Router;
  config: Config;
  resolveKey: (key: string) => string | undefined;
}

export interface Explained extends Explanation {
  /** What the rules were asked about. */
  request: { tokens: number; tools: boolean; images: boolean; thinking: boolean };
  /** Candidates' keys that lead to nothing where this was asked: `openrouter#1` and the variable or file. */
  missingKeys: { key: string; reference: string }[];
  /** With `key`: whether it reaches group and model. */
  scope?: { key: string; allowed: boolean; reason?: string };
}

/** A dry run of routing: the daemon's own router, and nobody is asked. Throws `not-found` and `invalid-request`. */
export async function explain(
  { router, config, resolveKey }: ExplainDeps,
  query: ExplainQuery,
): Promise<Explained> {
  const parsed = query.body === undefined ? undefined : parseBody(query);
  const asked = query.model ?? parsed?.model ?? "";
  if (asked === "") throw new GatewayError("invalid-request", "no model: name one, or give a body that does");
  const path = query.group?.toLowerCase() === "switch" ? config.activeGroup : (query.group ?? "default");
  const { group, alias } = resolveModel(router, path, asked);
  const { estimateTokens } = await loadTokenCounter();
  const key = query.key === undefined ? undefined : findKey(config, query.key);
  const request: RouteRequest = {
    model: alias,
    tokens: () => query.tokens ?? (parsed ? estimateTokens(parsed) : 0),
    tools: query.tools ?? Boolean(parsed?.tools?.length),
    images: () => query.images ?? parsed?.messages.some(hasImages) ?? false,
    thinking: query.thinking ?? parsed?.thinking?.mode === "on",
    body: query.body ?? { model: asked },
    conversation: () => (parsed ? hashConversation(parsed) : 0),
    direct: key ? key.direct === true : Object.keys(config.keys).length === 0,
  };
  const { tools, thinking } = request;
  const explained = router.explain(group, request);
  return {
    ...explained,
    request: { tokens: request.tokens(), tools, images: request.images(), thinking },
    missingKeys: explained.candidates.flatMap(({ key: name }) => {
      const [id = "", number] = name.split("#");
      const reference = config.providers[id]?.keys?.[Number(number) - 1];
      return reference === undefined || resolveKey(reference) !== undefined ? [] : [{ key: name, reference }];
    }),
    ...(key && { scope: toScope(key, explained.group, alias) }),
  };
}

function parseBody({ body, protocol, model }: ExplainQuery): UnifiedRequest {
  if (!isObject(body)) throw new GatewayError("invalid-request", "the body is no JSON object");
  const faces = adapters.flatMap(({ client }) => client ?? []);
  const guessed =
    faces.find(({ isOwnBody }) => isOwnBody?.(body)) ?? faces.find(({ isOwnBody }) => !isOwnBody);
  const face = protocol === undefined ? guessed : findAdapter(protocol)?.client;
  const route = face?.routes.find(({ job }) => job === "chat");
  if (!face || !route) throw new GatewayError("invalid-request", `there is no protocol "${protocol}"`);
  const { variant } = route;
  const call = {
    job: "chat" as const,
    ...(variant !== undefined && { variant }),
    // Gemini's path names the model.
    params: { model: model ?? String(body.model ?? "") },
    query: new URLSearchParams(),
    headers: {},
  };
  return face.parseRequest(model === undefined ? body : { ...body, model }, call);
}

function findKey(config: Config, asked: string) {
  const found = Object.entries(config.keys).find(([id, { name }]) =>
    [id, name].some((known) => known.toLowerCase() === asked.toLowerCase()),
  );
  if (found) return { id: found[0], ...found[1] };
  throw new GatewayError("not-found", `there is no client key "${asked}"`, { param: asked });
}

function toScope(key: ReturnType<typeof findKey>, group: string, model: string): Explained["scope"] {
  const expired = key.expiresAt !== undefined && Date.parse(key.expiresAt) <= Date.now();
  const reason =
    key.enabled === false
      ? "it is switched off"
      : expired
        ? "it has expired"
        : !reaches(key, group)
          ? `it does not reach group ${group}`
          : !reachesModel(key, model)
            ? `it does not reach model ${model}`
            : undefined;
  return { key: key.id, allowed: reason === undefined, ...(reason !== undefined && { reason }) };
}
