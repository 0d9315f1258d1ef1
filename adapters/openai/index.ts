import { buildRequest } from "./build-request.ts";
import { editRequest } from "./edit-request.ts";
import { buildEmbedRequest, parseEmbedRequest, parseEmbedResult, writeEmbedResult } from "./embeddings.ts";
import { parseModelList, writeModel, writeModelList } from "./models.ts";
import { parseError } from "./parse-error.ts";
import { parseRequest } from "./parse-request.ts";
import { parseResponse } from "./parse-response.ts";
import { createStreamParser } from "./parse-stream.ts";
import { skim } from "./skim.ts";
import { passThrough } from "./pass-through.ts";
import { readPlain } from "./read-plain.ts";
import { readQuirks } from "./read-quirks.ts";
import { createChoicesWriter } from "./write-choices.ts";
import { takesAsIs } from "./takes-as-is.ts";
import { writeError } from "./write-error.ts";
import { writeResponse, writeResponses } from "./write-response.ts";
import { createStreamWriter } from "./write-stream.ts";
import type { Adapter } from "../adapter.ts";

/** OpenAI's chat completions, the protocol most providers speak, with the legacy completions and the embeddings. */
export const openai: Adapter = {
  protocol: "openai",
  client: {
    routes: [
      { method: "POST", path: "/v1/chat/completions", job: "chat", variant: "chat" },
      { method: "POST", path: "/v1/completions", job: "chat", variant: "completions" },
      { method: "POST", path: "/v1/embeddings", job: "embed" },
      { method: "GET", path: "/v1/models", job: "models" },
      { method: "GET", path: /^\/v1\/models\/(?<model>.+)$/, job: "model" },
    ],
    parseRequest,
    writeResponse,
    createStreamWriter,
    choices: { field: "n", writeResponse: writeResponses, createStreamWriter: createChoicesWriter },
    streamHeaders: () => ({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
    }),
    writeError,
    requestIdHeader: "x-request-id",
    keepAlive: ": keep-alive\n\n",
    keepAliveEarly: true,
    editRequest,
    modelPaths: [["model"]],
    embeddings: { parse: parseEmbedRequest, write: writeEmbedResult },
    models: { writeList: writeModelList, writeOne: writeModel },
  },
  provider: {
    framing: "sse",
    baseSuffixes: ["/v1"],
    // GitHub Models: docs.github.com/rest/models/inference.
    unversionedHosts: ["models.github.ai"],
    authHeaders: (key) => ({ authorization: `Bearer ${key}` }),
    // OpenRouter shows which app is asking by the last two.
    forwardHeaders: ["openai-beta", "http-referer", "x-title"],
    buildRequest,
    cachesPrompts: (options) => readQuirks(options, "").cachesPrompts,
    holdsToSchema: (model, options) => readQuirks(options, model).outputs !== "json_object",
    passThrough,
    takesAsIs,
    parseResponse,
    skim,
    readPlain,
    createStreamParser,
    parseError,
    embeddings: { build: buildEmbedRequest, parse: parseEmbedResult },
    models: { list: { method: "GET", path: "/v1/models" }, parseList: parseModelList },
  },
};
