import type { Json } from "../../adapters/validate.ts";
import type {
  FinishReason,
  Message,
  StreamEvent,
  Tool,
  UnifiedRequest,
  UnifiedResult,
  Usage,
} from "../../adapters/unified.ts";
import type { ProtocolName } from "./daemon.ts";

/** Whom a test is about. */
export interface Pair {
  client: ProtocolName;
  provider: ProtocolName;
}

/** What the provider was asked. */
export interface Seen {
  request: UnifiedRequest;
  /** The body as it came over the wire. */
  text: string;
}

/** What the client got. */
export interface Got {
  result: UnifiedResult;
  /** The answer as it came over the wire. */
  text: string;
  /** The header in which ccproxy names what was not sent. */
  warning: string;
}

/** One thing every client must be able to do with every provider. */
export interface Scenario {
  name: string;
  /** What is asked, written as the client's protocol has it; nothing but a user's text if absent. */
  request?: Omit<UnifiedRequest, "model" | "stream">;
  /** What is asked, written by hand. Clients without an entry cannot ask for it. */
  bodies?: Partial<Record<ProtocolName, Json>>;
  /** What the provider says, written as its protocol has it. */
  answer?: StreamEvent[] | ((request: UnifiedRequest) => StreamEvent[]);
  /** What the provider says, written by hand. Providers without an entry have nothing of the kind. */
  frames?: Partial<Record<ProtocolName, { stream: string; whole?: unknown }>>;
  /** Of the provider. */
  quirks?: Json;
  asked?: (seen: Seen, pair: Pair) => void;
  got?: (got: Got, pair: Pair) => void;
}

export const text = (value: string): StreamEvent => ({ type: "text-delta", text: value });
export const thought = (value: string): StreamEvent => ({ type: "thinking-delta", text: value });
export const finish = (reason: FinishReason = "stop", counts: Usage = usage): StreamEvent => ({
  type: "finish",
  reason,
  usage: counts,
});
export const call = (index: number, name: string, args: string): StreamEvent[] => [
  { type: "tool-start", index, id: `call_${index}abcdefg`, name },
  ...(args === "" ? [] : [{ type: "tool-delta" as const, index, json: args.slice(0, 4) }]),
  ...(args.length > 4 ? [{ type: "tool-delta" as const, index, json: args.slice(4) }] : []),
];
export const said = (...events: StreamEvent[]): StreamEvent[] => [{ type: "start" }, ...events, finish()];

export const textOf = ({ content }: UnifiedResult): string =>
  content.map((part) => (part.type === "text" ? part.text : "")).join("");
export const callsOf = ({ content }: UnifiedResult): { name: string; args: unknown }[] =>
  content.flatMap((part) =>
    part.type === "tool-call" ? [{ name: part.name, args: JSON.parse(part.args) as unknown }] : [],
  );
export const userTexts = ({ messages }: UnifiedRequest): string =>
  JSON.stringify(messages.filter((message) => message.role === "user"));
type PartOf<R extends Message["role"]> = Extract<Message, { role: R }>["content"][number];
export const partsOf = <R extends Message["role"]>({ messages }: UnifiedRequest, role: R) =>
  messages.flatMap((message) => (message.role === role ? (message.content as PartOf<R>[]) : []));
export const askedCalls = (request: UnifiedRequest) =>
  partsOf(request, "assistant").filter((part) => part.type === "tool-call");

/** Protocols whose assistant turns keep text and calls in their order; the others have one text and a list of calls. */
export const ordered = new Set<ProtocolName>(["openai-responses", "claude", "gemini"]);

export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
export const usage: Usage = { inputTokens: 20, outputTokens: 7 };
export const weather: Tool = {
  name: "get_weather",
  description: "Weather of a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
export const noArgs: Tool = {
  name: "list_files",
  description: "Lists files",
  parameters: { type: "object", properties: {} },
};
