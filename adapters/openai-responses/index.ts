import type { Adapter } from "../adapter.ts";
import { answerStored, toProvider } from "./answer-stored.ts";
import { buildRequest } from "./build-request.ts";
import { editRequest } from "./edit-request.ts";
import { buildEmbeddings, parseEmbeddings } from "./embeddings.ts";
import { expand, findForeign, findNeeded, toStored } from "./expand.ts";
import { COMPACT } from "./compaction.ts";
import { parseModelList } from "./models.ts";
import { parseError } from "./parse-error.ts";
import { parseRequest } from "./parse-request.ts";
import { parseResponse } from "./parse-response.ts";
import { createStreamParser } from "./parse-stream.ts";
import { passThrough } from "./pass-through.ts";
import { PROTOCOL } from "./wire.ts";
import { writeBroken } from "./write-broken.ts";
import { writeError } from "./write-error.ts";
import { writeResponse } from "./write-response.ts";
import { createStreamWriter } from "./write-stream.ts";

// Every id begins like this; POST /v1/responses/compact and the like are other routes.
const STORED = /^\/v1\/responses\/(?<id>resp_[^/]+)$/;
const STORED_INPUT = /^\/v1\/responses\/(?<id>resp_[^/]+)\/input_items$/;
const STORED_CANCEL = /^\/v1\/responses\/(?<id>resp_[^/]+)\/cancel$/;

/** OpenAI's Responses API: what Codex speaks. */
export const openaiResponses: Adapter = {
  protocol: PROTOCOL,
  client: {
    routes: [
      { method: "POST", path: "/v1/responses", job: "chat", variant: "responses" },
      { method: "POST", path: "/v1/responses/compact", job: "chat", variant: COMPACT },
      { method: "POST", path: "/v1/responses/input_tokens", job: "count-tokens" },
      { method: "GET", path: STORED, job: "stored", variant: "retrieve" },
      { method: "DELETE", path: STORED, job: "stored", variant: "delete" },
      { method: "GET", path: STORED_INPUT, job: "stored", variant: "input-items" },
      { method: "POST", path: STORED_CANCEL, job: "stored", variant: "cancel" },
    ],
    isOwnBody: (body) => "input" in body,
    parseRequest,
    writeResponse,
    createStreamWriter,
    streamHeaders: () => ({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
    }),
    writeError,
    writeBroken,
    // OpenAI sends this event itself on long requests. Codex counts it as life, which comments are not to it; its own
    // SDK takes it only after response.created. Strict decoders want the number, whatever it is.
    requestIdHeader: "x-request-id",
    keepAlive: 'event: keepalive\ndata: {"type":"keepalive","sequence_number":0}\n\n',
    editRequest,
    modelPaths: [["model"], ["response", "model"]],
    writeTokenCount: (inputTokens) => ({ object: "response.input_tokens", input_tokens: inputTokens }),
    stored: { findNeeded, findForeign, expand, toStored, answer: answerStored, toProvider },
  },
  provider: {
    framing: "sse",
    baseSuffixes: ["/v1"],
    authHeaders: (key) => ({ authorization: `Bearer ${key}` }),
    cachesPrompts: () => true,
    forwardHeaders: ["openai-beta", "x-codex-beta-features", "x-openai-internal-codex-responses-lite"],
    buildRequest,
    holdsToSchema: () => true,
    passThrough,
    parseResponse,
    createStreamParser,
    parseError,
    embeddings: { build: buildEmbeddings, parse: parseEmbeddings },
    models: { list: { method: "GET", path: "/v1/models" }, parseList: parseModelList },
  },
};
