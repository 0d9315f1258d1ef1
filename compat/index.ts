import type { EventStage } from "../adapters/sequence-calls.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import { fillTemplate } from "./fill-template.ts";
import { findFamily, GENERIC_DIALECTS, mayOpenThinking, opensThinking } from "./families.ts";
import { replaceImages } from "./images.ts";
import { askForJson, createJsonStage } from "./json-output.ts";
import { createThinkingStage } from "./thinking.ts";
import { writeComplaint } from "./tools/complain.ts";
import { DIALECTS } from "./tools/dialects/index.ts";
import { createEmulation } from "./tools/emulate-tools.ts";
import { renderHistory } from "./tools/history.ts";
import { NOTATIONS, type Notation, RESULT_TAG } from "./tools/notations.ts";
import { writePrompt } from "./tools/prompt.ts";
import { createToolbox } from "./tools/settle-call.ts";

export interface CompatSettings {
  /** Emulate tools for this call. */
  tools: boolean;
  /** Split thinking in tags out of the text. */
  thinkingTags?: boolean;
  /** The model has no JSON mode. */
  json?: boolean;
  /** The model sees no images: they are replaced by a text. */
  images?: boolean;
  /** The provider's name of the model; it tells the family. */
  model: string;
  /** The notation to ask for, from the configuration. */
  dialect?: string;
  /** Repairs are off. */
  strict?: boolean;
  /** How often the model is asked again about a call that failed. Default 1. */
  reasks?: number;
  /** A tool prompt of one's own; see `fillTemplate`. */
  prompt?: string;
}

export interface CompatDeps {
  onRepair?: (repair: { kind: string; tool?: string; before?: string }) => void;
}

export interface Compat {
  request: UnifiedRequest;
  stage?: EventStage;
  /** The request to send when `stage` ended without a finish; its answer goes through the same stage. */
  followUp?: () => UnifiedRequest | undefined;
}

/** Adds what a model lacks: changes the request before it is built and the events that come back. */
export function applyCompat(
  request: UnifiedRequest,
  settings: CompatSettings,
  deps: CompatDeps = {},
): Compat {
  const stages: EventStage[] = [];
  let changed = request;
  let followUp: Compat["followUp"];
  if (settings.images) changed = { ...changed, messages: replaceImages(changed.messages) };
  const calls = settings.tools && offersTools(request);
  // A JSON mode is a grammar, which would keep a model from writing calls.
  const json = request.output !== undefined && (settings.json === true || calls);
  if (json) changed = askForJson(changed, { calls });
  if (settings.thinkingTags) {
    const mayThink = request.thinking?.mode !== "off";
    const opened = mayThink && opensThinking(settings.model);
    const maybeOpened = mayThink && !opened && mayOpenThinking(settings.model);
    stages.push(createThinkingStage({ opened, maybeOpened }));
  }
  if (settings.tools) {
    const emulated = emulate(changed, settings, deps);
    changed = emulated.request;
    if (emulated.stage) stages.push(emulated.stage);
    followUp = emulated.followUp;
  }
  if (json) stages.push(createJsonStage());
  return { request: changed, ...(stages.length && { stage: chain(stages) }), ...(followUp && { followUp }) };
}

function emulate(request: UnifiedRequest, settings: CompatSettings, deps: CompatDeps): Compat {
  const { tools = [], toolChoice, parallelTools, ...rest } = request;
  const family = findFamily(settings.model);
  const notation =
    NOTATIONS[settings.dialect ?? ""] ?? NOTATIONS[family.notation] ?? (NOTATIONS.hermes as Notation);
  const base: UnifiedRequest = { ...rest, messages: renderHistory(request.messages, notation) };
  if (!offersTools(request)) return { request: base };

  const toolbox = createToolbox(tools, { strict: settings.strict });
  const options = { tools, notation, choice: toolChoice, parallel: parallelTools };
  const prompt =
    settings.prompt === undefined ? writePrompt(options) : fillTemplate(settings.prompt, options);
  const asked: UnifiedRequest = {
    ...withStop(base),
    system: [...(request.system ?? []), { type: "text", text: prompt }],
  };
  const names = [...new Set([settings.dialect ?? "", ...family.dialects, ...GENERIC_DIALECTS])];
  const emulation = createEmulation({
    toolbox,
    dialects: names.flatMap((name) => DIALECTS[name]?.(toolbox.names.names) ?? []),
    resultTexts: resultTexts(request),
    parallel: parallelTools !== false,
    required: toolChoice === "required" || typeof toolChoice === "object",
    reasks: settings.strict ? 0 : (settings.reasks ?? 1),
    strict: settings.strict,
    onRepair: deps.onRepair,
  });
  const followUp = (): UnifiedRequest | undefined => {
    const complaint = emulation.complaint();
    if (!complaint) return undefined;
    const text = writeComplaint(complaint, tools, toolChoice);
    const answer = complaint.answer.trim();
    return {
      ...asked,
      messages: [
        ...asked.messages,
        { role: "assistant", content: [{ type: "text", text: answer === "" ? "(no answer)" : answer }] },
        { role: "user", content: [{ type: "text", text }] },
      ],
    };
  };
  return { request: asked, stage: emulation.stage, followUp };
}

const offersTools = ({ tools = [], toolChoice }: UnifiedRequest): boolean =>
  tools.length > 0 && toolChoice !== "none";

/** Stops a model that goes on to invent its results, where the caller leaves room for one more stop sequence. */
function withStop(request: UnifiedRequest): UnifiedRequest {
  const stop = request.sampling?.stop ?? [];
  if (stop.length >= 4) return request;
  return { ...request, sampling: { ...request.sampling, stop: [...stop, `<${RESULT_TAG}>`] } };
}

function resultTexts(request: UnifiedRequest): string[] {
  return request.messages.flatMap((message) =>
    message.role === "tool"
      ? message.content.flatMap((result) =>
          result.content.flatMap((part) => (part.type === "text" ? [part.text] : [])),
        )
      : [],
  );
}

/** Stages one after the other; what a stage still holds at the end goes through those behind it. */
function chain(stages: readonly EventStage[]): EventStage {
  const through = (events: StreamEvent[], from: number): StreamEvent[] => {
    let current = events;
    for (let at = from; at < stages.length; at++) current = stages[at]?.push(current) ?? current;
    return current;
  };
  return {
    push: (events) => through(events, 0),
    end: () => stages.flatMap((stage, index) => through(stage.end(), index + 1)),
  };
}
