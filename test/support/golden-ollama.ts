import { expect } from "vitest";
import { GatewayError } from "../../adapters/errors.ts";
import type { StreamEvent, UnifiedRequest } from "../../adapters/unified.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import {
  startScriptedProvider,
  toWriteContext,
  type Script,
  type ScriptedProvider,
} from "./scripted-provider.ts";
import { send, type Sent } from "./send.ts";

const usage = { inputTokens: 5, outputTokens: 2 };
const say = (text: string): StreamEvent => ({ type: "text-delta", text });
const call = (index: number, name: string, json: string): StreamEvent[] => [
  { type: "tool-start", index, name },
  { type: "tool-delta", index, json },
];
const scenes: Record<string, StreamEvent[]> = {
  hi: [say("Hel"), say("lo"), { type: "finish", reason: "stop", usage }],
  LONG: [say("Hel"), { type: "finish", reason: "length", usage }],
  THINK: [{ type: "thinking-delta", text: "hm" }, say("yes"), { type: "finish", reason: "stop", usage }],
  TOOLS: [
    say("ok"),
    ...call(0, "f", '{"z":1,"a":[]}'),
    ...call(1, "g", ""),
    { type: "finish", reason: "tool-calls", usage },
  ],
  MARKUP: [
    say('<a href="?b&c">\u2028\u2029\u007f</a>'),
    ...call(0, "f", '{"<k>":"a && b"}'),
    { type: "finish", reason: "tool-calls", usage },
  ],
  LIKELY: [
    say("Hel"),
    {
      type: "logprobs",
      logprobs: [
        {
          token: "Hel",
          logprob: -0.5,
          bytes: [72],
          top_logprobs: [{ token: "h", logprob: -2, bytes: null }],
        },
        { token: "x", logprob: 0, bytes: null, top_logprobs: [] },
      ],
    },
    { type: "finish", reason: "stop", usage },
  ],
  UNCOUNTED: [say("x"), { type: "finish", reason: "stop" }],
  EMPTY: [{ type: "finish", reason: "stop", usage }],
  BROKEN: [say("Hel"), { type: "error", error: new GatewayError("overloaded", "gone") }],
  REFUSED: [{ type: "error", error: new GatewayError("overloaded", "gone") }],
};

let begin = (): void => undefined;
/** Lets the answer to SLOW begin. */
export const beginSlow = (): void => begin();

function script(request: UnifiedRequest, raw: Parameters<Script>[1]): StreamEvent[] | undefined {
  const last = request.messages.findLast(({ role }) => role === "user");
  const text = (last?.content ?? []).map((part) => ("text" in part ? part.text : "")).join("");
  const events: StreamEvent[] = [{ type: "start" }, ...(scenes[text] ?? scenes.hi ?? [])];
  if (text !== "SLOW") return events;
  raw.res.writeHead(200, raw.face.streamHeaders(raw.call)).flushHeaders();
  const writer = raw.face.createStreamWriter(toWriteContext(raw.call, request));
  begin = () => raw.res.end(writer.push(events) + writer.end());
  return undefined;
}

let provider: ScriptedProvider;
let daemon: TestDaemon;
export const post = (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Sent> =>
  send("POST", daemon.url + path, body, headers);
export const address = (): string => daemon.url;
export const get = (path: string, method = "GET"): Promise<Sent> => send(method, daemon.url + path);
export const seenRequest = () => provider.seen.at(-1)?.request;

/** A daemon with the models `qwen3:8b`, `emb` and `claude`, none of which is an Ollama's. */
export async function startGolden(): Promise<void> {
  provider = await startScriptedProvider(script);
  daemon = await startDaemon({
    providers: {
      openai: { protocol: "openai", baseUrl: provider.url, keys: ["sk-test"], models: ["m", "embedder"] },
      claude: { protocol: "claude", baseUrl: provider.url, keys: ["sk-test"], models: ["c"] },
    },
    groups: { default: { models: { "qwen3:8b": "openai/m", emb: "openai/embedder", claude: "claude/c" } } },
  });
}
export async function stopGolden(): Promise<void> {
  await daemon.close();
  await provider.close();
}

/** What differs from run to run, by a word. */
export const steady = (text: string): string =>
  text
    .replaceAll(/"created_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{0,8}[1-9])?Z"/g, '"created_at":"T"')
    .replaceAll(/"(\w+_duration)":[1-9]\d*/g, '"$1":1')
    .replaceAll(/"id":"call_[a-z0-9]{8}"/g, '"id":"call_ID"');

export const head = '"model":"qwen3:8b","created_at":"T"';
export const counts =
  '"total_duration":1,"load_duration":1,"prompt_eval_count":5,"prompt_eval_duration":1,"eval_count":2,"eval_duration":1';
export const model = "qwen3:8b";
export const chat = (content: string, more: object = {}) =>
  post("/api/chat", { model, messages: [{ role: "user", content }], ...more });
export const whole = (content: string, more: object = {}) => chat(content, { stream: false, ...more });
export const generate = (prompt: string, more: object = {}) =>
  post("/api/generate", { model, prompt, ...more });

/** No header that Ollama has not, but for those under our own name. */
export function expectHeaders({ headers }: Sent, type: string | undefined): void {
  expect(headers["content-type"]).toBe(type);
  const known = new Set([
    "content-type",
    "content-length",
    "transfer-encoding",
    "date",
    "connection",
    "keep-alive",
    "allow",
    "location",
  ]);
  expect(Object.keys(headers).filter((name) => !known.has(name) && !name.startsWith("x-ccproxy-"))).toEqual(
    [],
  );
  expect(headers.date).toBeDefined();
}
export const JSON_TYPE = "application/json; charset=utf-8";

export async function expectError(
  asked: Promise<Sent>,
  status: number,
  text: string,
  type = JSON_TYPE,
): Promise<void> {
  const sent = await asked;
  expect([sent.status, sent.text]).toEqual([status, JSON.stringify({ error: text })]);
  expectHeaders(sent, type);
}
