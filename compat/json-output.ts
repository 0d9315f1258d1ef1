import type { EventStage } from "../adapters/sequence-calls.ts";
import { sumUsages } from "../adapters/sum-usages.ts";
import type { Output, StreamEvent, UnifiedRequest, Usage } from "../adapters/unified.ts";
import { gatherText } from "./gather-text.ts";
import { readJsonAnswer } from "./read-json-answer.ts";
import { withoutFence } from "./tools/values/without-fence.ts";

/**
 * The request for a model without a JSON mode: what the caller asked for stands in the system prompt. `calls`: the
 * model may write calls, which are no answer.
 */
export function askForJson(
  request: UnifiedRequest,
  { calls = false }: { calls?: boolean } = {},
): UnifiedRequest {
  if (!request.output) return request;
  const { output, ...rest } = request;
  const text = (calls ? "When you call no tool: " : "") + writeInstruction(output);
  return { ...rest, system: [...(request.system ?? []), { type: "text", text }] };
}

function writeInstruction(output: Output): string {
  const rule = "Answer with one JSON value and nothing else: no explanation, no Markdown fence.";
  if (output.type === "json") return `${rule} The value is an object.`;
  return `${rule} It must match this JSON Schema:\n${JSON.stringify(output.schema)}`;
}

export interface JsonOutput {
  stage: EventStage;
  /** Set once an answer ended without its finish, because the model is to be asked again: its answer, what to say. */
  complaint: () => { answer: string; text: string } | undefined;
  /** The rest of the answer when the model could not be asked again after all. */
  giveUp: () => StreamEvent[];
}

export interface JsonOutputOptions {
  output: Output;
  /** How often the model may be asked again. */
  reasks: number;
  /** Nothing is put right: the answer is given as it is. */
  strict?: boolean;
  onRepair?: (repair: { kind: string; before?: string }) => void;
}

type Finish = Extract<StreamEvent, { type: "finish" }>;

/**
 * Makes sure that an answer is the JSON that was asked for. Whether it is can only be told at its end, so its text
 * waits for that; thinking and calls do not. An answer with calls is none yet, and what it says beside them stays.
 */
export function createJsonOutput({ output, reasks, strict, onRepair }: JsonOutputOptions): JsonOutput {
  const held = gatherText();
  let citations: StreamEvent[] = [];
  let called = false;
  let asked = 0;
  let usage: Usage | undefined;
  let complaint: { answer: string; text: string } | undefined;
  let put: Finish | undefined;

  const take = (event: StreamEvent, out: StreamEvent[]): void => {
    switch (event.type) {
      case "start":
        if (asked === 0) out.push(event);
        return;
      case "text-delta":
        if (called) out.push(event);
        else held.push(event.text);
        return;
      case "citation":
        if (called) out.push(event);
        else citations.push(event);
        return;
      case "tool-start":
        release(held.text(), out);
        called = true;
        out.push(event);
        return;
      case "finish":
        return finish(event, out);
      default:
        out.push(event);
    }
  };
  const release = (text: string, out: StreamEvent[]): void => {
    if (text !== "") out.push({ type: "text-delta", text });
    out.push(...citations);
    held.clear();
    citations = [];
  };
  const finish = (event: Finish, out: StreamEvent[]): void => {
    usage = sumUsages([usage, event.usage]);
    const text = held.text();
    const whole = !called && text.trim() !== "" && event.reason !== "content-filter";
    if (!whole || strict) return end(text, event, out);
    // What was cut off can be told from nothing.
    if (event.reason === "length") return end(withoutFence(text), event, out);
    const answer = readJsonAnswer(text, output);
    if (answer.problems.length === 0) {
      for (const kind of answer.repairs) onRepair?.({ kind });
      return end(answer.text, event, out);
    }
    if (asked >= reasks) {
      onRepair?.({ kind: "json misfit" });
      return end(answer.text, event, out);
    }
    asked++;
    put = event;
    onRepair?.({ kind: "asked again" });
    complaint = { answer: text, text: writeComplaint(answer.problems) };
    held.clear();
    citations = [];
  };
  const end = (text: string, event: Finish, out: StreamEvent[]): void => {
    release(text, out);
    out.push({ ...event, ...(usage && { usage }) });
    put = undefined;
  };
  let last: { answer: string } | undefined;
  return {
    stage: {
      push(events) {
        const out: StreamEvent[] = [];
        for (const event of events) take(event, out);
        return out;
      },
      end: () => [],
    },
    complaint() {
      const current = complaint;
      last = current ?? last;
      complaint = undefined;
      return current;
    },
    giveUp() {
      const out: StreamEvent[] = [];
      if (!put || !last) return out;
      usage = undefined;
      end(readJsonAnswer(last.answer, output).text, put, out);
      return out;
    },
  };
}

const writeComplaint = (problems: readonly string[]): string =>
  [
    `Your answer is not the JSON that was asked for: ${problems.slice(0, 5).join("; ")}.`,
    "Answer again, with the corrected JSON value and nothing else.",
  ].join("\n");
