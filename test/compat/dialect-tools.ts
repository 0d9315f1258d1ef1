import { applyCompat, type CompatDeps, type CompatSettings } from "../../compat/index.ts";
import type { FinishReason, StreamEvent, Tool, UnifiedRequest } from "../../adapters/unified.ts";

const text = { type: "string" };

/** The tools of every case in `fixtures/compat/dialects`. */
export const TOOLS: Tool[] = [
  {
    name: "list_files",
    description: "Lists a folder.",
    parameters: { type: "object", properties: { path: text }, required: ["path"] },
  },
  { name: "clock", parameters: { type: "object", properties: {} } },
  {
    name: "save",
    description: "Writes a file.",
    parameters: { type: "object", properties: { path: text, text }, required: ["path", "text"] },
  },
  {
    name: "find",
    parameters: {
      type: "object",
      properties: {
        query: text,
        limit: { type: "integer" },
        deep: { type: "boolean" },
        tags: { type: "array", items: text },
      },
      required: ["query"],
    },
  },
];

export const ask = (more: Partial<UnifiedRequest> = {}): UnifiedRequest => ({
  model: "some-model",
  messages: [{ role: "user", content: [{ type: "text", text: "Go on." }] }],
  tools: TOOLS,
  stream: true,
  ...more,
});

export interface Answer {
  content: string;
  reasoning: string;
  calls: { name: string; args: unknown }[];
  finish?: FinishReason;
  repairs: string[];
  /** Follow-up requests that were made. */
  followUps: UnifiedRequest[];
}

/** Sends answers, each in pieces, through compat; the second and later ones answer follow-up requests. */
export function answer(
  answers: string[][],
  settings: Partial<CompatSettings> = {},
  more: Partial<UnifiedRequest> = {},
  reason: FinishReason = "stop",
  onRepair?: CompatDeps["onRepair"],
): Answer {
  const result: Answer = { content: "", reasoning: "", calls: [], repairs: [], followUps: [] };
  const json: string[] = [];
  const compat = applyCompat(
    ask(more),
    { tools: true, thinkingTags: true, model: "hermes-3", ...settings },
    {
      onRepair(repair) {
        result.repairs.push(repair.kind);
        onRepair?.(repair);
      },
    },
  );
  const take = (events: StreamEvent[]): void => {
    for (const event of events) {
      if (result.finish) throw new Error("an event after the finish");
      if (event.type === "text-delta") result.content += event.text;
      else if (event.type === "thinking-delta") result.reasoning += event.text;
      else if (event.type === "tool-start") {
        if (json[event.index] !== undefined || event.index !== json.length)
          throw new Error("indexes do not count up");
        json[event.index] = "";
        result.calls.push({ name: event.name, args: undefined });
      } else if (event.type === "tool-delta") json[event.index] += event.json;
      else if (event.type === "finish") result.finish = event.reason;
    }
  };
  for (const pieces of answers) {
    take(compat.stage?.push([{ type: "start" }]) ?? []);
    for (const piece of pieces) take(compat.stage?.push([{ type: "text-delta", text: piece }]) ?? []);
    take(compat.stage?.push([{ type: "finish", reason }]) ?? []);
    take(compat.stage?.end() ?? []);
    if (result.finish) break;
    const next = compat.followUp?.();
    if (!next) break;
    result.followUps.push(next);
  }
  json.forEach((value, index) => {
    const call = result.calls[index];
    if (call) call.args = JSON.parse(value);
  });
  return result;
}
