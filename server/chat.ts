import type { Adapter, WriteContext } from "../adapters/adapter.ts";
import type { UnifiedRequest } from "../adapters/unified.ts";
import type { Candidate } from "../routing/candidate.ts";
import { createAnswer, type Answer } from "./answer.ts";
import { tryCandidates } from "./attempts.ts";
import { authorise } from "./auth.ts";
import { checkRequest } from "./body-limits.ts";
import type { ChatWork } from "./chat-work.ts";
import type { Exchange } from "./exchange.ts";
import { joinHeaders } from "./join-headers.ts";
import { createJoinedWrites } from "./joined-writes.ts";
import { isLong, letOthers } from "./let-others.ts";
import { admit } from "./limits/admit.ts";
import { logBodies } from "./log-bodies.ts";
import { isDemo } from "./native-target.ts";
import { readJson, readLimited, toText } from "./read-body.ts";
import { recall } from "./recall.ts";
import { resolveModel } from "./resolve-model.ts";
import { routeChat } from "./route.ts";
import { sendBody } from "./send-body.ts";
import { loadTokenCounter } from "./usage/token-counter.ts";

/** The one chat handler: parse → route → call → write. Throws GatewayError before anything was sent. */
export async function handleChat(exchange: Exchange): Promise<void> {
  const { req, face, call, deps, adapter } = exchange;
  const received = await readLimited(req, deps.config().server);
  const { text: sent, plain } = toText(received.bytes);
  const long = isLong(sent);
  if (long) await letOthers();
  const { body: given, text, short } = readJson(sent, face);
  if (long) await letOthers();
  const body = face.stored ? await recall(exchange, given) : given;
  const parsed = face.parseRequest(body, call);
  checkRequest(parsed);
  const { group, alias } = resolveModel(deps.router(), exchange.group, parsed.model);
  const name = deps.router().group(group).name;
  authorise(exchange.principal, name, alias);
  const { entry } = exchange;
  entry.group = name;
  entry.model = alias;
  entry.stream = parsed.stream;
  const isLogged = logBodies(exchange, sent);
  const counting = loadTokenCounter();
  const counter = counting instanceof Promise ? await counting : counting;
  exchange.meter.start(() => counter.estimateTokens(parsed), counter);
  const admitted = admit(exchange);
  if (admitted) await admitted;

  const plan = routeChat(exchange, parsed, {
    group: name,
    alias,
    body,
    // What only a provider of the client's own protocol can serve is not tried elsewhere while there is one.
    prefers: parsed.nativeOnly === undefined ? undefined : ({ protocol }) => protocol === adapter.protocol,
  });
  entry.alias = plan.alias;
  if (plan.rule !== undefined) entry.rule = plan.rule;
  const direct = face.answerDirectly?.(parsed, call, toContext(exchange, parsed));
  // A provider of the same protocol may have more to do about it than we: Ollama loads the model.
  const handOn = direct !== undefined;
  if (handOn && !isNative(plan.peek(), adapter))
    return sendBody(
      exchange.res,
      200,
      joinHeaders(exchange.head, face.responseHeaders ?? JSON_HEADERS),
      (face.writeJson ?? JSON.stringify)(direct),
    );
  // Its answer is one body, whatever was asked for.
  const request = handOn ? { ...parsed, stream: false } : parsed;
  const context = toContext(exchange, request);

  const warnings: string[] = [];
  const stream = request.stream ? createJoinedWrites(exchange.res, { leaveFrames: isLogged }) : undefined;
  const answer = createAnswer({
    res: exchange.res,
    stream,
    face,
    context,
    headers: () =>
      warnings.length > 0 ? joinHeaders(exchange.head, toWarningHeader(warnings)) : exchange.head,
    onBegun: () => work.begun(),
    onDone(answered) {
      const stored = face.stored?.toStored(body, answered);
      if (stored) deps.stored.keep(exchange.principal, name, stored);
    },
  });
  const stopWaiting = request.stream ? keepPatient(answer, exchange) : () => undefined;
  const work: ChatWork = {
    exchange,
    text,
    received: plain && text === sent ? received : undefined,
    short,
    body,
    rewritten: body !== given,
    request,
    context,
    group: name,
    alias,
    untouched: handOn,
    answer,
    stream,
    warnings,
    stopWaiting,
    begun: () => undefined,
  };
  try {
    await tryCandidates(work, plan, { once: handOn });
  } finally {
    stopWaiting();
  }
}

const isNative = (candidate: Candidate | undefined, adapter: Adapter): boolean =>
  candidate?.provider.protocol === adapter.protocol && !isDemo(candidate.provider);

/** Sends the protocol's keep-alive while nothing else was written for a while. Returns its own end. */
function keepPatient(answer: Answer, exchange: Exchange): () => void {
  if (exchange.face.keepAlive === undefined) return () => undefined;
  let written = 0;
  const timer = setInterval(() => {
    const now = exchange.res.socket?.bytesWritten ?? 0;
    if (now === written) answer.keepAlive();
    written = exchange.res.socket?.bytesWritten ?? 0;
  }, KEEP_ALIVE_MS);
  timer.unref();
  return () => clearInterval(timer);
}

export function toContext(exchange: Exchange, request: UnifiedRequest): WriteContext {
  const { call, deps } = exchange;
  return { call, request, id: deps.newId(), newId: deps.newId, createdAt: deps.now(), now: deps.now };
}

const toWarningHeader = (warnings: string[]): Record<string, string> => ({
  "x-ccproxy-warning": warnings
    .join("; ")
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 1000),
});

const KEEP_ALIVE_MS = 15_000;
const JSON_HEADERS = { "content-type": "application/json; charset=utf-8" };
