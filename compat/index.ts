import type { EventStage } from "../adapters/sequence-calls.ts";
import type { Sampling, StreamEvent, Tool, UnifiedRequest } from "../adapters/unified.ts";
import { fillTemplate } from "./fill-template.ts";
import {
  dialectsOf,
  endsWithCalls,
  findFamily,
  isUnknown,
  mayOpenThinking,
  neverOpensThinking,
  opensThinking,
  thinkingWords,
} from "./families.ts";
import { holdPieces } from "./hold-pieces.ts";
import { replaceImages } from "./images.ts";
import { askForJson, createJsonOutput } from "./json-output.ts";
import { withSystemInTurn } from "./system-turn.ts";
import { createThinkingStage, type ThinkingStage } from "./thinking.ts";
import { writeComplaint } from "./tools/complain.ts";
import { constrainToCalls, createConstrainedReader } from "./tools/constrain.ts";
import { withLastWords, writeDemand } from "./tools/demand.ts";
import { findDialects } from "./tools/dialects/index.ts";
import { createEmulation, type Emulation } from "./tools/emulate-tools.ts";
import { renderHistory } from "./tools/history.ts";
import { FAMILY_NOTATIONS, NOTATIONS, type Notation, RESULT_TAG } from "./tools/notations.ts";
import { writePrompt } from "./tools/prompt.ts";
import { createCallReader } from "./tools/read-calls.ts";
import { createToolbox } from "./tools/settle-call.ts";
import { tellNotation } from "./tools/tell-notation.ts";

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
  /** The notation the model was seen to write; asked for where none is configured and its family is unknown. */
  learnt?: string;
  /** The provider can hold an answer to a schema: a call that must be made is made so. */
  constrain?: boolean;
  /** Repairs are off. */
  strict?: boolean;
  /**
   * The first words of an answer may wait for a tag that closes thinking the template opened, also where nothing is
   * known of the model. The caller sees to it that they do not wait long: `Compat.relent`.
   */
  patient?: boolean;
  /** How often the model is asked again about a call that failed. Default 1. */
  reasks?: number;
  /** A tool prompt of one's own; see `fillTemplate`. */
  prompt?: string;
}

export interface CompatDeps {
  /** A model of no known family wrote a call in another notation than it was asked for. */
  onNotation?: (notation: string) => void;
  onRepair?: (repair: { kind: string; tool?: string; before?: string }) => void;
}

export interface Compat {
  request: UnifiedRequest;
  stage?: EventStage;
  /** Text waits for what tells it from thinking. */
  waits?: () => boolean;
  /** Takes what waits for text: the client has waited long enough. */
  relent?: () => StreamEvent[];
  /** The request to send when `stage` ended without a finish; its answer goes through the same stage. */
  followUp?: () => UnifiedRequest | undefined;
  /** The rest of the answer, with its finish, when the follow-up could not be sent after all. */
  giveUp?: () => StreamEvent[];
}

/** Adds what a model lacks: changes the request before it is built and the events that come back. */
export function applyCompat(
  request: UnifiedRequest,
  settings: CompatSettings,
  deps: CompatDeps = {},
): Compat {
  const calls = offersTools(request);
  const emulates = settings.tools && calls;
  let changed = request;
  if (settings.images) changed = { ...changed, messages: replaceImages(changed.messages) };
  // A JSON mode is a grammar, which would keep a model from writing calls.
  const output = settings.json === true || emulates ? request.output : undefined;
  if (output) changed = askForJson(changed, { calls });
  const emulated = settings.tools ? prepare(changed, settings, deps) : undefined;
  const asked = emulated?.request ?? changed;

  const reasks = settings.strict ? 0 : (settings.reasks ?? 1);
  const json = output && createJsonOutput({ ...deps, output, reasks, strict: settings.strict });
  if (!json && !emulated?.open && !settings.thinkingTags) return { request: asked };

  const open = () => {
    const emulation = emulated?.open?.();
    const thinking = settings.thinkingTags ? createThinking(request, settings, deps) : undefined;
    const stages = [thinking, emulation?.stage, json?.stage].filter((one) => one !== undefined);
    const relent = (): StreamEvent[] => (thinking ? pass(stages, thinking.relent(), 1) : []);
    const whole = chain(stages);
    const stage = emulation ? holdPieces(whole, emulation.waitsFor) : whole;
    return { stage, emulation, waits: thinking?.waits, relent };
  };
  let current = open();
  const stage: EventStage = {
    push: (events) => current.stage.push(events),
    end: () => current.stage.end(),
  };
  // Of models that are known to open it the first words wait as long as they must.
  const patience =
    settings.patient && !mayOpenThinking(settings.model)
      ? { waits: () => current.waits?.() ?? false, relent: () => current.relent() }
      : {};
  if (!json && !emulated?.open) return { request: asked, stage, ...patience };

  const followUp = (): UnifiedRequest | undefined => {
    const failed = current.emulation?.complaint();
    if (failed)
      return withTurn(asked, failed.answer, writeComplaint(failed, request.tools ?? [], request.toolChoice));
    const wrong = json?.complaint();
    if (!wrong) return undefined;
    current = open();
    return withTurn(asked, wrong.answer, wrong.text);
  };
  const giveUp = (): StreamEvent[] => {
    const rest = current.emulation?.giveUp() ?? [];
    return json ? [...json.stage.push(rest), ...json.giveUp()] : rest;
  };
  return { request: asked, stage, ...patience, followUp, giveUp };
}

interface Prepared {
  request: UnifiedRequest;
  /** A new emulation for an answer to the request; absent where no answer can hold a call. */
  open?: () => Emulation;
}

/** The request with its tools in the prompt and its calls and results as text. */
function prepare(request: UnifiedRequest, settings: CompatSettings, deps: CompatDeps): Prepared {
  const { tools = [], toolChoice, parallelTools, ...rest } = request;
  const family = findFamily(settings.model);
  const free = settings.dialect === undefined && isUnknown(family);
  const notation =
    NOTATIONS[settings.dialect ?? (free ? settings.learnt : undefined) ?? ""] ??
    FAMILY_NOTATIONS[family.notation] ??
    (NOTATIONS.hermes as Notation);
  const messages = renderHistory(request.messages, notation);
  if (!offersTools(request)) return { request: withSystemInTurn({ ...rest, messages }, settings.model) };

  const only = typeof toolChoice === "object" ? toolChoice.name : undefined;
  const forced = toolChoice === "required" || only !== undefined;
  const constraint = forced && settings.constrain ? constrain(tools, only, parallelTools) : undefined;
  const demands = [writeDemand(toolChoice), constraint?.rule].filter((line) => line !== undefined);
  const options = { tools, notation, parallel: parallelTools };
  const prompt =
    settings.prompt === undefined ? writePrompt(options) : fillTemplate(settings.prompt, options);
  const { sampling, ownStops } = addStop(request);
  const asked: UnifiedRequest = {
    ...rest,
    sampling,
    messages: demands.length ? withLastWords(messages, demands.join("\n")) : messages,
    system: [...(request.system ?? []), { type: "text", text: prompt }],
    ...(constraint && { output: constraint.output }),
  };
  const toolbox = createToolbox(tools, { strict: settings.strict, only });
  const dialects = findDialects(dialectsOf(settings.model, settings.dialect), toolbox.names.names);
  const createReader = () => createCallReader({ dialects, ...toolbox });
  const open = () =>
    createEmulation({
      toolbox,
      createReader: constraint ? () => createConstrainedReader(createReader) : createReader,
      resultTexts: resultTexts(request),
      parallel: parallelTools !== false,
      required: forced,
      reasks: settings.strict ? 0 : (settings.reasks ?? 1),
      strict: settings.strict,
      endsWithCalls: endsWithCalls(settings.model),
      ownStops,
      onRepair: deps.onRepair,
      onWritten(raw) {
        const written = free && settings.learnt === undefined ? tellNotation(raw) : undefined;
        if (written !== undefined && NOTATIONS[written] !== notation) deps.onNotation?.(written);
      },
    });
  return { request: withSystemInTurn(asked, settings.model), open };
}

/** Where one tool is named the schema is of that alone. */
function constrain(tools: readonly Tool[], only: string | undefined, parallel: boolean | undefined) {
  const allowed = only === undefined ? tools : tools.filter((tool) => tool.name === only);
  return constrainToCalls(allowed, { many: only === undefined && parallel !== false });
}

function createThinking(
  request: UnifiedRequest,
  { model, patient }: CompatSettings,
  { onRepair }: CompatDeps,
): ThinkingStage {
  const mayThink = request.thinking?.mode !== "off" && !neverOpensThinking(model);
  const tags = thinkingWords(model);
  const opened = mayThink && !tags && opensThinking(model);
  return createThinkingStage({
    tags,
    opened,
    maybeOpened: mayThink && !opened && (patient === true || mayOpenThinking(model)),
    onCall: () => onRepair?.({ kind: "call in thinking" }),
  });
}

/** The request with an answer that would not do, and what was wrong with it. */
function withTurn(request: UnifiedRequest, answer: string, complaint: string): UnifiedRequest {
  const said = answer.trim();
  return {
    ...request,
    messages: [
      ...request.messages,
      { role: "assistant", content: [{ type: "text", text: said === "" ? "(no answer)" : said }] },
      { role: "user", content: [{ type: "text", text: complaint }] },
    ],
  };
}

const offersTools = ({ tools = [], toolChoice }: UnifiedRequest): boolean =>
  tools.length > 0 && toolChoice !== "none";

/** Stops a model that goes on to invent its results, where the caller leaves room for one more stop sequence. */
function addStop({ sampling }: UnifiedRequest): { sampling: Sampling | undefined; ownStops: string[] } {
  const stop = sampling?.stop ?? [];
  const own = `<${RESULT_TAG}>`;
  if (stop.length >= 4 || stop.includes(own)) return { sampling, ownStops: [] };
  return { sampling: { ...sampling, stop: [...stop, own] }, ownStops: [own] };
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
  return {
    push: (events) => pass(stages, events, 0),
    end: () => stages.flatMap((stage, index) => pass(stages, stage.end(), index + 1)),
  };
}

function pass(stages: readonly EventStage[], events: StreamEvent[], from: number): StreamEvent[] {
  let current = events;
  for (let at = from; at < stages.length; at++) current = stages[at]?.push(current) ?? current;
  return current;
}
