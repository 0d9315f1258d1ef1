import type { BuildOptions, ProviderFace } from "../adapters/adapter.ts";
import type { RequestEdits } from "../adapters/edits.ts";
import type { GatewayError } from "../adapters/errors.ts";
import { fillCallIds } from "../adapters/fill-call-ids.ts";
import { replay } from "../adapters/fold.ts";
import { holdsSealed } from "../adapters/signature.ts";
import type { UnifiedRequest } from "../adapters/unified.ts";
import { isObject, type Json } from "../adapters/validate.ts";
import type { Candidate } from "../routing/router.ts";
import { sendBody } from "./answer.ts";
import { toBuildOptions } from "./build-options.ts";
import type { ChatWork } from "./chat-work.ts";
import { isStreamBody } from "./content-type.ts";
import { mergeParams } from "./merge-params.ts";
import { createModelPatcher, patchModel } from "./model-patcher.ts";
import { toOutgoing } from "./outgoing.ts";
import { findProviderAdapter } from "./provider-adapter.ts";
import { createPipe } from "./pipe.ts";
import { readWhole, type WholeReader } from "./read-whole.ts";
import { patchJson } from "./patch-json.ts";

/**
 * Serves a chat whose client and provider speak the same protocol: the body goes out as it came, only the model's
 * name (and what the group changes) is different; the answer comes back as it is, under the name asked for.
 * Returns the error that ended it before anything was sent; after that an error ends the client's stream.
 */
export async function passThrough(
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
  return createPipe({
    upstream: deps.upstream,
    provider,
    request: toOutgoing(work, candidate, { method: "POST", path: raw.path, body }),
    signal: exchange.signal,
    res,
    stream: request.stream,
    probe: wire.createStreamParser({ ...request, model: candidate.model }, options),
    parseError: wire.parseError,
    patcher: rename === undefined ? undefined : createModelPatcher(face.modelPaths, rename),
    sendWhole(headers, body) {
      // The provider chose another form than the one asked for.
      if (request.stream || isStreamBody(headers)) {
        return retell(work, body, toReader(wire, request, options));
      }
      const text = body.toString("utf8");
      refuseNoAnswer(text, toReader(wire, request, options));
      sendBody(res, 200, headers, rename === undefined ? body : patchModel(text, face.modelPaths, rename));
    },
    onOpen: work.stopWaiting,
    fail: (error) => {
      exchange.entry.error = `${error.kind}: ${error.message}`;
      // An event whose lines are there but not its end would take the error's lines for its own.
      if (wire.framing === "sse" && !res.destroyed) res.write("\n");
      answer.fail(error);
    },
  });
}

/** Tells the client a whole answer in the form it asked for: a body as a stream, a stream as a body. */
function retell({ exchange, answer }: ChatWork, body: Buffer, reader: WholeReader): void {
  const events = readWhole(body.toString("utf8"), reader);
  const failed = events.find((event) => event.type === "error");
  if (failed?.type === "error") throw failed.error;
  answer.take(fillCallIds(exchange.deps.newId).push(events));
  answer.finish();
}

/** Some answer "200" with nothing, a page to sign in, or an error. Throws what it is. */
function refuseNoAnswer(text: string, reader: WholeReader): void {
  const isWhole = /^\s*\{/.test(text) && text.trimEnd().endsWith("}");
  if (isWhole && !text.includes('"error"')) return;
  readWhole(text, {
    ...reader,
    parseResponse: (body) => (isObject(body) && body.error ? reader.parseResponse(body) : []),
  });
}

const toReader = (wire: ProviderFace, request: UnifiedRequest, options: BuildOptions): WholeReader => ({
  parser: wire.createStreamParser(request, options),
  parseResponse: (body) => replay(wire.parseResponse(body, request, options)),
});

function toBody(
  work: ChatWork,
  candidate: Candidate,
  modelInBody: boolean,
  edits: RequestEdits | undefined,
): string {
  const { face } = work.exchange;
  const { params } = candidate.provider;
  // A body that went through other providers before may hold their signatures: `editRequest` takes them out.
  // So it does with keys written otherwise: Ollama reads `Model` as `model`.
  const plainKeys =
    !modelInBody ||
    Object.keys(work.body as Json).every((key) => key === "model" || key.toLowerCase() !== "model");
  const untouched = !edits && plainKeys && !work.rewritten && !holdsSealed(work.text);
  if (untouched && !params && !candidate.params) {
    return modelInBody ? patchJson(work.text, ["model"], candidate.model) : work.text;
  }
  const body = untouched ? (work.body as Json) : face.editRequest(work.body as Json, edits ?? {});
  const named = modelInBody ? { ...body, model: candidate.model } : body;
  return JSON.stringify(mergeParams(named, params, candidate.params));
}
