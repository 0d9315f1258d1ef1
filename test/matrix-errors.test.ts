import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapters } from "../adapters/index.ts";
import { isObject, type Json } from "../adapters/validate.ts";
import { ask, userText } from "./support/ask.ts";
import { perProtocol, PROTOCOLS, startDaemon, type ProtocolName, type TestDaemon } from "./support/daemon.ts";
import { startScriptedProvider, type ScriptedProvider } from "./support/scripted-provider.ts";

/** What a provider refuses or breaks off, in its own words, is told in the client's: status, shape and type. */
const KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz";
const says = (status: number): string => `says ${status} to ${KEY}`;

/** Bodies as each provider writes them. */
const BODIES: Record<ProtocolName, (status: number) => unknown> = {
  openai: (status) => ({ error: { message: says(status), type: "some_error", param: null, code: null } }),
  "openai-responses": (status) => ({
    error: { message: says(status), type: "some_error", param: null, code: null },
  }),
  claude: (status) => ({ type: "error", error: { type: CLAUDE_TYPES[status], message: says(status) } }),
  gemini: (status) => ({ error: { code: status, message: says(status), status: GOOGLE_WORDS[status] } }),
  ollama: (status) => ({ error: says(status) }),
};
const CLAUDE_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  429: "rate_limit_error",
  500: "api_error",
  503: "overloaded_error",
};
const GOOGLE_WORDS: Record<number, string> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

/** A provider's status → the client's, and its word for it per client protocol. A key that is refused is ours. */
const EXPECTED: [given: number, status: number, words: Record<Exclude<ProtocolName, "ollama">, string>][] = [
  [400, 400, both("invalid_request_error", "INVALID_ARGUMENT")],
  [401, 502, { ...both("server_error", "INTERNAL"), claude: "api_error" }],
  [404, 404, { ...both("invalid_request_error", "NOT_FOUND"), claude: "not_found_error" }],
  [429, 429, both("rate_limit_error", "RESOURCE_EXHAUSTED")],
  [500, 500, { ...both("server_error", "INTERNAL"), claude: "api_error" }],
  [503, 503, { ...both("server_error", "UNAVAILABLE"), claude: "overloaded_error" }],
];
function both(word: string, gemini: string): Record<Exclude<ProtocolName, "ollama">, string> {
  return { openai: word, "openai-responses": word, claude: word, gemini };
}

let provider: ScriptedProvider;
let daemon: TestDaemon;
let status = 400;
/** In place of an error: what a stream with status 200 says before it ends. */
let cut: Record<ProtocolName, string> | undefined;

beforeAll(async () => {
  provider = await startScriptedProvider((_request, { res, face }) => {
    const protocol = (adapters.find(({ client }) => client === face)?.protocol ?? "") as ProtocolName;
    if (cut) {
      const type = protocol === "ollama" ? "application/x-ndjson" : "text/event-stream";
      return void res.writeHead(200, { "content-type": type }).end(cut[protocol]);
    }
    res.writeHead(status, { "content-type": "application/json", "retry-after": "7" });
    return void res.end(JSON.stringify(BODIES[protocol](status)));
  });
  const server = { host: "127.0.0.1", port: 0, ollamaOpen: true, maxWaitMs: 0 };
  daemon = await startDaemon({ ...perProtocol(provider.url), server });
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});

/** The error's message and its type, in the client's shape. */
function readError(client: ProtocolName, body: Json, wanted: number): { message: unknown; word?: unknown } {
  if (client === "ollama") return { message: body.error };
  const error = isObject(body.error) ? body.error : {};
  if (client === "claude") expect(body.type).toBe("error");
  if (client === "gemini") expect(error.code).toBe(wanted);
  return { message: error.message, word: client === "gemini" ? error.status : error.type };
}

const request = (stream: boolean) => ({ model: "model-a", messages: [userText("hi")], stream });

for (const client of PROTOCOLS) {
  describe(`${client} client`, () => {
    describe.each(PROTOCOLS)("over a %s provider", (target) => {
      it.each(EXPECTED)("HTTP %i before the stream is HTTP %i", async (given, wanted, words) => {
        status = given;
        cut = undefined;
        for (const stream of [true, false]) {
          await daemon.wake();
          const asked = await ask(`${daemon.url}/${target}`, client, request(stream));
          expect(asked.status).toBe(client === "claude" && wanted === 503 ? 529 : wanted);
          expect(asked.headers.get("content-type")).toContain("application/json");
          expect(asked.headers.get("retry-after")).toBe("7");
          const { message, word } = readError(client, JSON.parse(asked.text) as Json, asked.status);
          expect(message).toContain(`says ${given}`);
          expect(asked.text).not.toContain(KEY);
          if (client !== "ollama") expect(word).toBe(words[client]);
        }
      });

      it("traps 38 and 39: a stream cut off after its first words ends with an error", async () => {
        cut = {
          openai: 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n',
          "openai-responses": 'data: {"type":"response.output_text.delta","delta":"Hi"}\n\n',
          claude:
            'data: {"type":"message_start","message":{}}\n\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}\n\n',
          gemini: 'data: {"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}\n\n',
          ollama: '{"message":{"content":"Hi"}}\n',
        };
        const handWritten = client === target;
        await daemon.wake();
        const asked = await ask(`${daemon.url}/${target}`, client, request(true), undefined, { handWritten });
        expect(asked.status).toBe(200);
        expect(asked.events.at(-1)).toMatchObject({ type: "error" });
        expect(asked.events).toContainEqual({ type: "text-delta", text: "Hi" });
      });
    });
  });
}
