import { isAscii } from "node:buffer";
import type { BuildOptions, ProviderFace } from "../adapters/adapter.ts";
import type { RequestEdits } from "../adapters/edits.ts";
import type { GatewayError } from "../adapters/errors.ts";
import { fillCallIds } from "../adapters/fill-call-ids.ts";
import { replay } from "../adapters/fold.ts";
import { holdsSealed } from "../adapters/signature.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import { isObject, type Json } from "../adapters/validate.ts";
import type { Candidate } from "../routing/candidate.ts";
import { joinHeaders } from "./join-headers.ts";
import { sendBody } from "./send-body.ts";
import { toBuildOptions } from "./build-options.ts";
import type { ChatWork } from "./chat-work.ts";
import { createCommitPoint } from "./commit-point.ts";
import { isStreamBody } from "./content-type.ts";
import { hideSecrets, withoutSecrets } from "./hide-secrets.ts";
import { logError } from "./log-error.ts";
import { mergeParams } from "./merge-params.ts";
import { createModelPatcher, renameRead } from "./model-patcher.ts";
import { toOutgoing } from "./outgoing.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { createPipe } from "./pipe.ts";
import { pipeWhole } from "./pipe-whole.ts";
import { toText } from "./read-body.ts";
import { noteFinish } from "./request-log.ts";
import { readWhole, type WholeReader } from "./read-whole.ts";
import { findRootString, patchJson } from "./patch-json.ts";

/**
 * Serves a chat whose client and provider speak the same protocol: the body goes out as it came, only the model's
 * name (and what the group changes) is different; the answer comes back as it is, under the name asked for.
 * Returns the error that ended it before anything was sent; after that an error ends the client's stream.
 */
export function passThrough(
  work: ChatWork,
  candidate: Candidate,
  raw: { path: string; modelInBody: boolean },
  edits: RequestEdits | undefined,
): Promise<GatewayError | undefined> {
  const { exchange, request, answer } = work;
  const { face, deps, res } = exchange;
  const { provider } = candidate;
  const wire = findProviderAdapter(deps.adapters, candidate).provider;
  const rename = candidate.model === request.model ? undefined : request.model;
  // The client reads its own protocol: nothing is taken out of the text for it.
  const options = toBuildOptions(candidate, { rawText: true });
  const body = toBody(work, candidate, raw.modelInBody, edits);
  let id: string | undefined;
  const note = (events: StreamEvent[]): void => {
    const failed = events.find((event) => event.type === "error");
    if (failed?.type === "error") throw failed.error;
    exchange.meter.take(events);
    for (const event of events) {
      if (event.type === "start") id = event.id ?? id;
      if (event.type === "start" && event.id !== undefined && face.stored)
        deps.answerOwners.note(exchange.principal, event.id);
      if (event.type === "finish") noteFinish(exchange.entry, event.reason, event.usage);
    }
  };
  const log = (error: GatewayError): void => {
    exchange.entry.error = logError(error);
  };
  const way = {
    upstream: deps.upstream,
    provider,
    request: toOutgoing(work, candidate, { method: "POST", path: raw.path, body }),
    signal: exchange.signal,
    parseError: wire.parseError,
    sendWhole(headers: Record<string, string>, received: Buffer): void {
      const { text } = toText(received);
      // The provider chose another form than the one asked for.
      if (request.stream || isStreamBody(headers)) {
        const events = readWhole(text, toReader(wire, request, options));
        note(events);
        return retell(work, events);
      }
      const body = readAlong(text, toReader(wire, request, options), note);
      sendBody(
        res,
        200,
        joinHeaders(exchange.head, headers),
        rename === undefined ? received : renameRead(text, body, face.modelPaths, rename),
      );
    },
  };
  if (!work.stream) return pipeWhole(way);
  return createPipe({
    ...way,
    res,
    head: exchange.head,
    body: work.stream,
    framing: wire.framing,
    createProbe: () => wire.createStreamParser({ ...request, model: candidate.model }, options),
    patcher: rename === undefined ? undefined : createModelPatcher(face.modelPaths, rename),
    isCommitted: createCommitPoint(deps.now),
    onOpen() {
      work.stopWaiting();
      work.begun();
    },
    onEvents: note,
    mayShow: (event) => hideSecrets(deps.storage, event) === event,
    onFailure: (error) => log(withoutSecrets(deps.storage, error)),
    fail(thrown, last) {
      const error = withoutSecrets(deps.storage, thrown);
      log(error);
      answer.fail(error, { last, ...(id !== undefined && { id }) });
    },
  });
}

/** Tells the client a whole answer in the form it asked for: a body as a stream, a stream as a body. */
function retell({ exchange, answer }: ChatWork, events: StreamEvent[]): void {
  answer.take(fillCallIds(exchange.deps.newId).push(events));
  answer.finish();
}

/** The body, if it is one. Some answer "200" with nothing, a page to sign in, or an error. Throws what it is. */
function readAlong(
  text: string,
  { createParser, parseResponse, skim }: WholeReader & Pick<ProviderFace, "skim">,
  note: (events: StreamEvent[]) => void,
): unknown {
  let whole: unknown;
  note(
    readWhole(text, {
      createParser,
      parseResponse(body) {
        whole = body;
        const skimmed = skim?.(body);
        if (skimmed) return skimmed;
        if (isObject(body) && body.error) return parseResponse(body);
        try {
          return parseResponse(body);
        } catch {
          // What we cannot read, a client of the protocol may.
          return [];
        }
      },
    }),
  );
  return whole;
}

/** The body under another model's name. `isFound`: it has a name. */
function rename(work: ChatWork, isFound: boolean, model: string): string | Buffer {
  const { text, received } = work;
  const place = isFound ? findModel(work) : undefined;
  if (!place) return patchJson(text, ["model"], model);
  const literal = JSON.stringify(model);
  const size = text.length + literal.length - (place.end - place.start);
  if (!received || size > received.room.length || !isAscii(Buffer.from(literal))) {
    return text.slice(0, place.start) + literal + text.slice(place.end);
  }
  // Once: who is asked after this one gets the text.
  work.received = undefined;
  const { room } = received;
  room.copyWithin(place.start + literal.length, place.end, text.length);
  room.write(literal, place.start, "latin1");
  return room.subarray(0, size);
}

function findModel({ text, short }: ChatWork): { start: number; end: number } | undefined {
  const place = findRootString(short?.text ?? text, "model");
  return place && short ? { start: short.toPlace(place.start), end: short.toPlace(place.end) } : place;
}

const toReader = (
  wire: ProviderFace,
  request: UnifiedRequest,
  options: BuildOptions,
): WholeReader & Pick<ProviderFace, "skim"> => ({
  skim: wire.skim,
  createParser: () => wire.createStreamParser(request, options),
  parseResponse: (body) => replay(wire.parseResponse(body, request, options)),
});

function toBody(
  work: ChatWork,
  candidate: Candidate,
  modelInBody: boolean,
  edits: RequestEdits | undefined,
): string | Buffer {
  const { face } = work.exchange;
  const { params } = candidate.provider;
  // A body that went through other providers before may hold their signatures: `editRequest` takes them out.
  // So it does with keys written otherwise: Ollama reads `Model` as `model`.
  const plainKeys =
    !modelInBody ||
    Object.keys(work.body as Json).every((key) => key === "model" || key.toLowerCase() !== "model");
  const untouched = !edits && plainKeys && !work.rewritten && !holdsSealed(work.short?.text ?? work.text);
  if (untouched && !params && !candidate.params) {
    // Nothing would be another: the provider's name of the model is the one asked for.
    const { model } = work.body as Json;
    if (!modelInBody || model === candidate.model) return work.received?.bytes ?? work.text;
    return rename(work, typeof model === "string", candidate.model);
  }
  const body = untouched ? (work.body as Json) : face.editRequest(work.body as Json, edits ?? {});
  const named = modelInBody ? { ...body, model: candidate.model } : body;
  return JSON.stringify(mergeParams(named, params, candidate.params));
}
