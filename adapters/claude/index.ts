import type { Adapter } from "../adapter.ts";
import { buildRequest } from "./build-request.ts";
import { editRequest } from "./edit-request.ts";
import { isOwnBody } from "./is-own-body.ts";
import { describeModel, LIST_MODELS, parseDescription, parseList, writeList, writeOne } from "./models.ts";
import { parseError } from "./parse-error.ts";
import { parseRequest } from "./parse-request.ts";
import { parseResponse } from "./parse-response.ts";
import { createStreamParser } from "./parse-stream.ts";
import { skim } from "./skim.ts";
import { passThrough } from "./pass-through.ts";
import { routes } from "./routes.ts";
import { PROTOCOL } from "./wire.ts";
import { writeError } from "./write-error.ts";
import { writeTokenCount } from "./write-token-count.ts";
import { writeResponse } from "./write-response.ts";
import { createStreamWriter, PING } from "./write-stream.ts";

export const claude: Adapter = {
  protocol: PROTOCOL,
  client: {
    routes,
    isOwnBody,
    parseRequest,
    writeResponse,
    createStreamWriter,
    streamHeaders: () => ({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
    }),
    writeError,
    requestIdHeader: "request-id",
    natives: PROTOCOL,
    keepAlive: PING,
    keepAliveEarly: true,
    editRequest,
    modelPaths: [["model"], ["message", "model"]],
    writeTokenCount,
    models: { writeList, writeOne },
  },
  provider: {
    framing: "sse",
    baseSuffixes: ["/v1"],
    headers: { "anthropic-version": "2023-06-01" },
    authHeaders: (key) => ({ "x-api-key": key }),
    cachesPrompts: () => true,
    forwardHeaders: ["anthropic-beta", "anthropic-version"],
    buildRequest,
    passThrough,
    parseResponse,
    skim,
    createStreamParser,
    parseError,
    models: { list: LIST_MODELS, parseList, describe: describeModel, parseDescription },
  },
};
