import { GatewayError } from "../adapters/errors.ts";
import { restKey } from "../routing/rest-key.ts";
import type { Candidate } from "../routing/router.ts";
import { sendBody } from "./answer.ts";
import { authorise } from "./auth.ts";
import type { Exchange } from "./exchange.ts";
import { isDemo } from "./native-target.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { callProvider } from "./provider-client.ts";
import { readJson, readText } from "./read-body.ts";
import { resolveModel } from "./resolve-model.ts";

/** Embeddings, from any protocol that has them to any other. */
export async function handleEmbed(exchange: Exchange): Promise<void> {
  const { face, call, deps, req, res, entry } = exchange;
  if (!face.embeddings) throw new GatewayError("not-found", "this protocol has no embeddings");
  const text = await readText(req, deps.config().server);
  const request = face.embeddings.parse(readJson(text, face).body, call);
  const { group, alias } = resolveModel(deps.router(), exchange.group, request.model);
  const name = deps.router().group(group).name;
  authorise(exchange.principal, name);
  Object.assign(entry, { group: name, model: alias });
  const candidates = deps.router().candidates(name, alias);
  const [first] = candidates;
  const direct = face.embeddings.answerDirectly?.(request, call);
  // A provider of the same protocol loads the model then.
  const isNative = first?.provider.protocol === exchange.adapter.protocol && !isDemo(first.provider);
  if (direct !== undefined && !isNative)
    return sendBody(
      res,
      200,
      face.responseHeaders ?? { "content-type": "application/json" },
      JSON.stringify(direct),
    );
  const began = deps.now();
  let error = new GatewayError("unavailable", `no target is left for model '${alias}'`);
  for (const candidate of candidates.slice(0, direct === undefined ? MAX_ATTEMPTS : 1)) {
    entry.target = `${candidate.providerId}/${candidate.model}`;
    try {
      const result = await embedWith(exchange, candidate, { ...request, model: candidate.model });
      deps.cooldowns.succeeded(candidate.keyName);
      entry.inputTokens = result.inputTokens;
      const body = face.embeddings.write(result, request, { call, elapsedMs: deps.now() - began });
      return sendBody(
        res,
        200,
        face.responseHeaders ?? { "content-type": "application/json" },
        JSON.stringify(body),
      );
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown;
      error = thrown;
      if (!RETRYABLE.has(error.kind)) break;
      restKey(deps.cooldowns, candidate.keyName, error);
    }
  }
  throw error;
}

async function embedWith(
  exchange: Exchange,
  candidate: Candidate,
  request: Parameters<Embeddings["build"]>[0],
) {
  const { deps, signal } = exchange;
  const adapter = findProviderAdapter(deps.adapters, candidate);
  const { embeddings } = adapter.provider;
  if (!embeddings) {
    const message = `provider '${candidate.providerId}' has no embeddings: the ${adapter.protocol} protocol does not offer them; use a model of another provider`;
    throw new GatewayError("unsupported", message, { param: "model", code: "no_embeddings" });
  }
  const call = {
    adapter,
    provider: candidate.provider,
    key: candidate.key,
    wire: embeddings.build(request),
    timeoutMs: 120_000,
    signal,
  };
  return embeddings.parse(await callProvider(call, deps.upstream, deps.storage), request);
}

type Embeddings = NonNullable<Exchange["adapter"]["provider"]["embeddings"]>;

const RETRYABLE = new Set(["rate-limit", "overloaded", "upstream", "upstream-auth", "timeout"]);
const MAX_ATTEMPTS = 4;
