import type { Sampling, TextPart, UnifiedRequest } from "./unified.ts";

/** A group's changes to a request, the same on the converted and on the pass-through path. */
export interface RequestEdits {
  prompt?: {
    /** "enhance": `text` is added to the caller's system prompt. "replace": it stands in its place. */
    mode: "enhance" | "replace";
    text: string;
    /** "system": after the caller's system prompt. "user": in front of the first user message. */
    position: "system" | "user";
  };
  /** Literal find → replace in the caller's system prompt, in order, before `prompt` is applied. */
  replace?: readonly (readonly [find: string, put: string])[];
  /** Names of tools that are not to reach the model, exact. */
  dropTools?: readonly string[];
  /** Factor on the caller's temperature, where there is one. */
  temperatureRatio?: number;
}

/** The unified form of `ClientFace.editRequest`. Returns a new request that shares what did not change. */
export function applyEdits(request: UnifiedRequest, edits: RequestEdits): UnifiedRequest {
  const edited = { ...request };
  if (edits.replace?.length && edited.system) {
    edited.system = edited.system.map((part) => ({
      ...part,
      text: replaceAll(part.text, edits.replace ?? []),
    }));
  }
  if (edits.prompt) applyPrompt(edited, edits.prompt);
  if (edits.dropTools?.length && edited.tools) dropTools(edited, new Set(edits.dropTools));
  edited.sampling = scaleTemperature(edited.sampling, edits.temperatureRatio);
  return edited;
}

/** Replaces every occurrence of each pair in turn, literally. An empty `find` matches nothing. */
export function replaceAll(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce(
    (result, [find, put]) => (find === "" ? result : result.replaceAll(find, () => put)),
    text,
  );
}

function applyPrompt(request: UnifiedRequest, prompt: NonNullable<RequestEdits["prompt"]>): void {
  const kept = prompt.mode === "replace" ? [] : (request.system ?? []);
  const text: TextPart = { type: "text", text: prompt.text };
  if (prompt.position === "system") {
    request.system = [...kept, text];
    return;
  }
  request.system = kept.length ? kept : undefined;
  const first = request.messages.findIndex((message) => message.role === "user");
  request.messages = [...request.messages];
  const message = request.messages[first];
  if (message?.role === "user") request.messages[first] = { ...message, content: [text, ...message.content] };
  else request.messages.unshift({ role: "user", content: [text] });
}

function dropTools(request: UnifiedRequest, names: Set<string>): void {
  const tools = request.tools?.filter((tool) => !names.has(tool.name));
  request.tools = tools?.length ? tools : undefined;
  const choice = request.toolChoice;
  const lost = typeof choice === "object" ? names.has(choice.name) : !request.tools;
  if (lost) request.toolChoice = undefined;
  if (!request.tools) request.parallelTools = undefined;
}

function scaleTemperature(sampling: Sampling | undefined, ratio: number | undefined): Sampling | undefined {
  if (ratio === undefined || sampling?.temperature === undefined) return sampling;
  return { ...sampling, temperature: sampling.temperature * ratio };
}
