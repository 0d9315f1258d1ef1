import type { ServerResponse } from "node:http";
import { adapters } from "../../adapters/index.ts";
import type { Call, ClientFace } from "../../adapters/adapter.ts";
import { wrapCustomInput } from "../../adapters/custom-tools.ts";
import { GatewayError, type ErrorKind } from "../../adapters/errors.ts";
import type { StreamEvent, UnifiedRequest, Usage } from "../../adapters/unified.ts";
import { toWriteContext, type Script } from "./scripted-provider.ts";

/** What the provider says to whoever asks nothing special; in pieces, with characters of one to four bytes. */
export const HELLO = 'Grüße, "world" 🌍!\n<b>&amp;</b>';
export const THOUGHT = "Let me see.";
export const LOOKING = "Let me look. ";
export const REFUSAL = "I would rather not.";
export const BROKEN = "the provider broke off";
export const PATCH = '*** Begin "Patch"\n+ line\n';
export const PERSON = { name: "Ada", age: 36, tags: ["a", "b"] };
/** What a provider seals its thoughts with. */
export const SEAL = "c2VhbGVkIHRob3VnaHQ=";
export const USAGE = { inputTokens: 20, outputTokens: 7 };
export const UNKNOWN_MODEL = "no-such-model";

/**
 * A provider whose answer depends on the words (in capitals) of the last user message, so that one serves all tests.
 * `FAIL 429` fails every time, `FAILONCE 429` the first time that the same text is asked.
 */
export function createTextScript(): Script {
  const failed = new Set<string>();
  return (request, raw) => {
    if (request.model.includes(UNKNOWN_MODEL)) return sendFailure(raw, 404);
    const text = lastUserText(request);
    const [, once, status] = /FAIL(ONCE)? (\d{3})/.exec(text) ?? [];
    if (status !== undefined && !(once && failed.has(text))) {
      failed.add(text);
      return sendFailure(raw, Number(status));
    }
    if (text.includes("SEALED")) return answer(sealedThought(raw.face), "stop");
    if (text.includes("SLOW")) return sendUnfinished(request, raw);
    const results = resultsOf(request);
    if (results !== undefined) return answer(say(results), "stop");
    const scene = SCENES.find(([word]) => text.includes(word));
    return scene ? scene[1](request) : answer(say(HELLO), "stop");
  };
}

/** The results of the last turn as one text: `get_weather=21 degrees`; undefined where the last turn is another. */
function resultsOf({ messages }: UnifiedRequest): string | undefined {
  const last = messages.at(-1);
  if (last?.role !== "tool") return undefined;
  return last.content
    .map(
      ({ name, content }) => `${name}=${content.map((part) => ("text" in part ? part.text : "")).join("")}`,
    )
    .join("; ");
}

function lastUserText({ messages }: UnifiedRequest): string {
  const last = messages.findLast((message) => message.role === "user");
  return (last?.content ?? []).map((part) => ("text" in part ? part.text : "")).join("\n");
}

function sendFailure(raw: Parameters<Script>[1], status: number): undefined {
  const kind = KINDS.get(status) ?? "upstream";
  const error = new GatewayError(
    kind,
    `provider says ${status}`,
    status === 404 ? { code: "model_not_found" } : {},
  );
  const { body } = raw.face.writeError(error, raw.call);
  raw.res.writeHead(status, { "content-type": "application/json", "retry-after": "1" }).end(body);
}

/** The first words of an answer, and then nothing more until somebody hangs up; nothing at all if it is not streamed. */
function sendUnfinished(
  request: UnifiedRequest,
  { res, call, face }: { res: ServerResponse; call: Call; face: ClientFace },
): undefined {
  if (!request.stream) return;
  const writer = face.createStreamWriter(toWriteContext(call, request));
  res.writeHead(200, face.streamHeaders(call));
  for (const event of [{ type: "start" as const }, ...say("one two three ")]) res.write(writer.push([event]));
}

/** A thought with the signature of the protocol the provider was asked by. */
function sealedThought(face: ClientFace): StreamEvent[] {
  const origin = adapters.find(({ client }) => client === face)?.protocol ?? "";
  return [
    ...think(THOUGHT),
    { type: "thinking-signature", signature: { origin, value: SEAL } },
    ...say(HELLO),
  ];
}

const say = (text: string): StreamEvent[] =>
  pieces(text).map((piece): StreamEvent => ({ type: "text-delta", text: piece }));

const think = (text: string): StreamEvent[] =>
  pieces(text).map((piece): StreamEvent => ({ type: "thinking-delta", text: piece }));

function call(index: number, name: string, args: string): StreamEvent[] {
  const deltas = pieces(args).map((json): StreamEvent => ({ type: "tool-delta", index, json }));
  return [{ type: "tool-start", index, id: `call_${index}abcdefg`, name }, ...deltas];
}

const answer = (
  events: StreamEvent[],
  reason: "stop" | "length" | "tool-calls" | "content-filter",
  more: { stopSequence?: string; usage?: Usage } = {},
): StreamEvent[] => [{ type: "start" }, ...events, { type: "finish", reason, usage: USAGE, ...more }];

/** Three characters each. */
const pieces = (text: string): string[] => text.match(/[^]{1,3}/gu) ?? [];

const city = (name: string): string => JSON.stringify({ city: name });

function describeMedia({ messages }: UnifiedRequest): string {
  const media = messages.flatMap((message) => (message.role === "user" ? message.content : []));
  return media
    .map((part) =>
      part.type === "media" && part.source.kind === "base64" ? `${part.mimeType} ${part.source.data}` : "",
    )
    .filter(Boolean)
    .join(", ");
}

const SCENES: [word: string, scene: (request: UnifiedRequest) => StreamEvent[]][] = [
  ["WEATHER", () => answer([...say(LOOKING), ...call(0, "get_weather", city("Paris"))], "tool-calls")],
  [
    "TWICE",
    () =>
      answer(
        [...call(0, "get_weather", city("Paris")), ...call(1, "get_weather", city("Rome"))],
        "tool-calls",
      ),
  ],
  ["NOARGS", () => answer(call(0, "list_files", ""), "tool-calls")],
  ["PATCH", () => answer(call(0, "apply_patch", wrapCustomInput(PATCH)), "tool-calls")],
  ["ANYTOOL", ({ tools }) => answer(call(0, tools?.[0]?.name ?? "none", city("Paris")), "tool-calls")],
  ["PERSON", () => answer(say(JSON.stringify(PERSON)), "stop")],
  ["PICTURE", (request) => answer(say(describeMedia(request)), "stop")],
  ["THINK", () => answer([...think(THOUGHT), ...say(HELLO)], "stop")],
  ["LONG", ({ output }) => answer(say(output ? '{"name":"Ad' : "half an ans"), "length")],
  ["FILTER", () => answer(say("half"), "content-filter")],
  ["REFUSE", () => answer([{ type: "refusal-delta", text: REFUSAL }], "stop")],
  ["COUNTED", () => answer(say(HELLO), "stop", { usage: { ...USAGE, cachedTokens: 5, reasoningTokens: 3 } })],
  ["STOPWORD", () => answer(say("before"), "stop", { stopSequence: "###" })],
  ["EMPTY", () => answer([], "stop")],
  [
    "BREAK",
    () => [
      { type: "start" },
      ...say("begun "),
      { type: "error", error: new GatewayError("overloaded", BROKEN) },
    ],
  ],
];

const KINDS = new Map<number, ErrorKind>([
  [400, "invalid-request"],
  [404, "not-found"],
  [429, "rate-limit"],
  [503, "overloaded"],
  [529, "overloaded"],
]);
