import type { Adapter } from "../adapter.ts";
import { decodeGoJson } from "../go-decode.ts";
import { writeGoJson } from "../go-encode.ts";
import { answerDirectly } from "./answer-directly.ts";
import { buildRequest } from "./build-request.ts";
import { editRequest } from "./edit-request.ts";
import {
  answerEmbedDirectly,
  buildEmbedRequest,
  parseEmbedRequest,
  parseEmbedResponse,
  writeEmbedResponse,
} from "./embeddings.ts";
import { providerModels } from "./models.ts";
import { parseError } from "./parse-error.ts";
import { parseRequest } from "./parse-request.ts";
import { parseResponse } from "./parse-response.ts";
import { createStreamParser } from "./parse-stream.ts";
import { passThrough } from "./pass-through.ts";
import { routes } from "./routes.ts";
import { toCallId } from "./write-chunk.ts";
import { writeError } from "./write-error.ts";
import { writeModel, writeModelList } from "./write-models.ts";
import { writeResponse } from "./write-response.ts";
import { createStreamWriter } from "./write-stream.ts";

export const ollama: Adapter = {
  protocol: "ollama",
  client: {
    routes,
    keyless: true,
    tidyPaths: true,
    toCallId,
    parseBody: decodeGoJson,
    isOwnBody: (body) => "options" in body || "keep_alive" in body,
    parseRequest,
    writeJson: writeGoJson,
    answerDirectly,
    writeResponse,
    createStreamWriter,
    streamHeaders: () => ({ "content-type": "application/x-ndjson" }),
    responseHeaders: { "content-type": "application/json; charset=utf-8" },
    writeError,
    editRequest,
    modelPaths: [["model"]],
    embeddings: {
      parse: parseEmbedRequest,
      answerDirectly: answerEmbedDirectly,
      write: writeEmbedResponse,
    },
    models: { writeList: writeModelList, writeOne: writeModel },
  },
  provider: {
    framing: "ndjson",
    baseSuffixes: ["/api", "/v1"],
    authHeaders: (key) => ({ authorization: `Bearer ${key}` }),
    buildRequest,
    // Every model: the schema becomes a grammar.
    holdsToSchema: () => true,
    passThrough,
    parseResponse,
    createStreamParser,
    parseError,
    embeddings: { build: buildEmbedRequest, parse: parseEmbedResponse },
    models: providerModels,
  },
};
