import type { Adapter, WireRequest } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import type { EmbedRequest, EmbedResult } from "../adapters/unified.ts";
import { judgeFailure } from "../routing/judge-failure.ts";
import type { Candidate } from "../routing/candidate.ts";
import { sendBody } from "./send-body.ts";
import { authorise } from "./auth.ts";
import type { Exchange } from "./exchange.ts";
import { admit } from "./limits/admit.ts";
import { takeLease, toUsed } from "./limits/take-lease.ts";
import { isDemo } from "./native-target.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { callProvider } from "./provider-client.ts";
import { readJson, readText } from "./read-body.ts";
import { resolveModel } from "./resolve-model.ts";
import { toFinal } from "./to-final.ts";
import { loadTokenCounter, type TokenCounter } from "./usage/token-counter.ts";

/** Embeddings, from any protocol that has them to any other. */
export async function handleEmbed(exchange: Exchange): Promise<void> {
  const { face, call, deps, req, res, entry } = exchange;
  if (!face.embeddings) throw new GatewayError("not-found", "this protocol has no embeddings");
  const text = await readText(req, deps.config().server);
  const request = face.embeddings.parse(readJson(text, face).body, call);
  const { group, alias } = resolveModel(deps.router(), exchange.group, request.model);
  const name = deps.router().group(group).name;
  authorise(exchange.principal, name, alias);
  Object.assign(entry, { group: name, model: alias });
  const counter = await loadTokenCounter();
  exchange.meter.start(() => toSize(request, counter), counter);
  await admit(exchange);
  const plan = deps.router().plan(name, {
    model: alias,
    tokens: exchange.meter.tokens,
    thinking: false,
    tools: false,
    images: () => false,
    body: request,
    conversation: () => 0,
    direct: exchange.principal.direct === true,
  });
  entry.alias = plan.alias;
  const first = plan.peek();
  const direct = face.embeddings.answerDirectly?.(request, call);
  // A provider of the same protocol loads the model then.
  const isNative = first?.provider.protocol === exchange.adapter.protocol && !isDemo(first.provider);
  if (direct !== undefined && !isNative)
    return sendBody(
      res,
      200,
      face.responseHeaders ?? { "content-type": "application/json" },
      (face.writeJson ?? JSON.stringify)(direct),
    );
  const began = deps.now();
  let error: GatewayError | undefined;
  let want: "key" | "provider" = "key";
  for (let candidate = plan.next(); candidate; candidate = plan.next(want)) {
    const lease = await takeLease(exchange, candidate);
    // Another request was faster.
    if (!lease) continue;
    entry.target = candidate.names.target;
    entry.attempts = (entry.attempts ?? 0) + 1;
    const trial = deps.health.begin(Object.values(candidate.names));
    try {
      const result = await embedWith(exchange, candidate, { ...request, model: candidate.model });
      trial.succeeded();
      const usage =
        result.inputTokens === undefined ? undefined : { inputTokens: result.inputTokens, outputTokens: 0 };
      exchange.meter.take([{ type: "finish", reason: "stop", usage }]);
      const body = face.embeddings.write(result, request, { call, elapsedMs: deps.now() - began });
      return sendBody(
        res,
        200,
        face.responseHeaders ?? { "content-type": "application/json" },
        (face.writeJson ?? JSON.stringify)(body),
      );
    } catch (thrown) {
      trial.released();
      if (!(thrown instanceof GatewayError)) throw thrown;
      error = thrown;
      const { next, rest } = judgeFailure(error, deps.router().group(name).config.failover);
      if (rest) trial.failed(candidate.names[rest.name], rest.reason, rest.ms);
      if (next === "none" || direct !== undefined || entry.attempts >= MAX_ATTEMPTS) break;
      want = next;
    } finally {
      lease.end(toUsed(exchange));
    }
  }
  throw toFinal(error, plan, alias);
}

const toSize = ({ input }: EmbedRequest, counter: TokenCounter): number =>
  input.reduce<number>(
    (sum, item) => sum + (typeof item === "string" ? counter.estimateText(item) : item.length),
    0,
  );

async function embedWith(
  exchange: Exchange,
  candidate: Candidate,
  request: EmbedRequest,
): Promise<EmbedResult> {
  const adapter = findProviderAdapter(exchange.deps.adapters, candidate);
  const { embeddings } = adapter.provider;
  if (!embeddings) {
    const message = `provider '${candidate.providerId}' has no embeddings: the ${adapter.protocol} protocol does not offer them; use a model of another provider`;
    throw new GatewayError("unsupported", message, { param: "model", code: "no_embeddings" });
  }
  if (request.nativeOnly !== undefined && adapter.protocol !== exchange.adapter.protocol)
    throw new GatewayError("unsupported", request.nativeOnly);
  const results: EmbedResult[] = [];
  // One after the other: they count against the same limits.
  for (const piece of embeddings.split?.(request) ?? [request]) {
    const wire = embeddings.build(piece);
    results.push(embeddings.parse(await askOnce(exchange, candidate, { adapter, wire }), piece));
  }
  const [first, ...others] = results;
  return first && others.length === 0 ? first : joinResults(results);
}

function askOnce(
  { deps, signal }: Exchange,
  { provider, key }: Candidate,
  { adapter, wire }: { adapter: Adapter; wire: WireRequest },
): Promise<unknown> {
  const call = { adapter, provider, key, wire, timeoutMs: 120_000, signal };
  return callProvider(call, deps.upstream, deps.storage);
}

function joinResults(results: readonly EmbedResult[]): EmbedResult {
  const counts = results.flatMap(({ inputTokens }) => (inputTokens === undefined ? [] : [inputTokens]));
  return {
    vectors: results.flatMap(({ vectors }) => vectors),
    ...(counts.length > 0 && { inputTokens: counts.reduce((sum, count) => sum + count, 0) }),
  };
}

const MAX_ATTEMPTS = 4;
