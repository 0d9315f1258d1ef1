import type { Adapter } from "../adapter.ts";
import { buildRequest } from "./build-request.ts";
import { editRequest } from "./edit-request.ts";
import { buildEmbedRequest, parseEmbedResponse, splitEmbedRequest } from "./build-embeddings.ts";
import { parseEmbedRequest, writeEmbedResponse } from "./embeddings.ts";
import { isSse } from "./is-sse.ts";
import { describeModel, LIST_MODELS, parseDescription, parseList, writeList, writeOne } from "./models.ts";
import { parseError } from "./parse-error.ts";
import { parseRequest } from "./parse-request.ts";
import { parseResponse } from "./parse-response.ts";
import { createStreamParser } from "./parse-stream.ts";
import { passThrough } from "./pass-through.ts";
import { routes } from "./routes.ts";
import { PROTOCOL } from "./wire.ts";
import { choices } from "./write-choices.ts";
import { writeError } from "./write-error.ts";
import { writeResponse } from "./write-response.ts";
import { createStreamWriter } from "./write-stream.ts";
import { writeTokenCount } from "./write-token-count.ts";

export const gemini: Adapter = {
  protocol: PROTOCOL,
  client: {
    routes,
    natives: PROTOCOL,
    isOwnBody: (body) => "contents" in body,
    parseRequest,
    writeResponse,
    createStreamWriter,
    choices,
    streamHeaders: (call) => ({
      "content-type": isSse(call) ? "text/event-stream" : "application/json; charset=UTF-8",
      "cache-control": "no-cache",
    }),
    responseHeaders: { "content-type": "application/json; charset=UTF-8" },
    writeError,
    // An empty line is nothing in both framings, and no SDK stumbles over it as some do over comments.
    keepAlive: "\n",
    editRequest,
    modelPaths: [["modelVersion"]],
    embeddings: { parse: parseEmbedRequest, write: writeEmbedResponse },
    writeTokenCount,
    models: { writeList, writeOne },
  },
  provider: {
    framing: "sse",
    baseSuffixes: ["/v1beta", "/v1"],
    authHeaders: (key) => ({ "x-goog-api-key": key }),
    buildRequest,
    cachesPrompts: () => true,
    holdsToSchema: () => true,
    passThrough,
    parseResponse,
    createStreamParser,
    parseError,
    embeddings: { split: splitEmbedRequest, build: buildEmbedRequest, parse: parseEmbedResponse },
    models: { list: LIST_MODELS, parseList, describe: describeModel, parseDescription },
  },
};
