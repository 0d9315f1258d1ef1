import type { GatewayError } from "../adapters/errors.ts";
import type { UnifiedRequest } from "../adapters/unified.ts";
import type { Candidate } from "../routing/candidate.ts";
import { toBuildOptions } from "./build-options.ts";
import { isForeign, type ChatWork } from "./chat-work.ts";
import { hasImages } from "./has-images.ts";
import { readRefusal } from "./learned-limits.ts";
import type { KnownLacks } from "./model-features.ts";
import { findProviderAdapter } from "./provider-adapter.ts";

/** How a candidate is asked, for what its model lacks. */
export interface Manner {
  /** Tools are emulated. */
  emulate: boolean;
  /** Thinking is not asked for. */
  unthinking: boolean;
  /** Images are replaced by a text. */
  imageless: boolean;
  /** JSON is asked for in the prompt. */
  jsonless: boolean;
  /** A call that must be made is made by a grammar, where tools are emulated. */
  constrain: boolean;
  /** One body is asked for: the model cannot stream, or the provider is not to be asked to. */
  unstreamed: boolean;
}

/** The model is helped out by us. */
export const isTaught = ({ emulate, imageless, jsonless }: Manner): boolean =>
  emulate || imageless || jsonless;

/** How a candidate is asked at first, by what is known of its model. */
export function toManner(work: ChatWork, candidate: Candidate): Manner | Promise<Manner> {
  const { request, exchange } = work;
  const mode = toolsMode(work, candidate);
  const tools = hasTools(request);
  const thinks = request.thinking?.mode === "on";
  const images = request.messages.some(hasImages);
  const output = request.output !== undefined;
  const forced = tools && isForced(request);
  const matters = !work.untouched && ((tools && mode === "auto") || thinks || images || output || forced);
  const asked = { tools, mode, thinks, images, output, forced };
  if (!matters) return settle(work, candidate, asked, NOTHING_KNOWN);
  return exchange.deps.features.find(candidate).then((known) => settle(work, candidate, asked, known));
}

/** What a request asks of a model. */
interface Asked {
  tools: boolean;
  mode: Candidate["tools"];
  thinks: boolean;
  images: boolean;
  output: boolean;
  forced: boolean;
}

function settle(
  work: ChatWork,
  candidate: Candidate,
  { tools, mode, thinks, images, output, forced }: Asked,
  { lacks, configured }: KnownLacks,
): Manner {
  const { request, exchange } = work;
  const { limits } = exchange.deps;
  const { providerId, model } = candidate;
  // A client of the provider's own protocol asked for just this, and is told so in its own protocol, unless the
  // configuration knows better.
  const changes = (isForeign(work, candidate) || configured) && request.nativeOnly === undefined;
  const lacksJson = lacks.has("json") || limits.lacks("json", providerId, model);
  return {
    emulate:
      tools &&
      (mode === "compat" ||
        (mode === "auto" && (lacks.has("tools") || limits.lacks("tools", providerId, model)))),
    unthinking:
      thinks &&
      ((isForeign(work, candidate) && lacks.has("thinking")) || limits.lacks("thinking", providerId, model)),
    imageless: changes && images && (lacks.has("vision") || limits.lacks("vision", providerId, model)),
    jsonless: changes && output && lacksJson,
    constrain: forced && !lacksJson && holdsToSchema(work, candidate),
    unstreamed:
      !request.stream &&
      (candidate.provider.askWhole === true || limits.lacks("streaming", providerId, model)),
  };
}

/**
 * Changes how a candidate is asked by what it refused, and remembers that. false: there is nothing to do without, so
 * that the refusal is the answer.
 */
export function giveWay(
  manner: Manner,
  refusal: GatewayError,
  work: ChatWork,
  candidate: Candidate,
): boolean {
  const { request, exchange } = work;
  const lacking = readRefusal(refusal);
  // A client of the provider's own protocol asked for just this, and is told so in its own protocol.
  const foreign = isForeign(work, candidate) && request.nativeOnly === undefined;
  const constrained = manner.emulate && manner.constrain;
  if (lacking === "tools" && hasTools(request) && toolsMode(work, candidate) === "auto" && !manner.emulate)
    manner.emulate = true;
  else if (lacking === "thinking" && request.thinking?.mode === "on" && !manner.unthinking && foreign)
    manner.unthinking = true;
  else if (lacking === "vision" && request.messages.some(hasImages) && !manner.imageless && foreign)
    manner.imageless = true;
  else if (lacking === "json" && request.output && !manner.jsonless && foreign && !constrained)
    manner.jsonless = true;
  else if (lacking === "streaming" && !request.stream && !manner.unstreamed) manner.unstreamed = true;
  else if (constrained && isAboutRequest(refusal)) manner.constrain = false;
  else return false;
  if (lacking) exchange.deps.limits.learn(lacking, candidate.providerId, candidate.model);
  return true;
}

/** What a schema may be blamed for. llama.cpp and Ollama call one that they make no grammar of a failure of theirs. */
const isAboutRequest = ({ kind, message }: GatewayError): boolean =>
  kind === "invalid-request" ||
  kind === "unsupported" ||
  (kind === "upstream" && /grammar|schema/i.test(message));

const isForced = ({ toolChoice }: UnifiedRequest): boolean =>
  toolChoice === "required" || typeof toolChoice === "object";

function holdsToSchema(work: ChatWork, candidate: Candidate): boolean {
  const { provider } = findProviderAdapter(work.exchange.deps.adapters, candidate);
  return provider.holdsToSchema?.(candidate.model, toBuildOptions(candidate)) === true;
}

/** Past calls and results need emulation too, even when a turn offers no tools. */
export const hasTools = (request: UnifiedRequest): boolean =>
  Boolean(request.tools?.length) || request.messages.some((message) => message.role === "tool");

/** The path's word counts before the target's. */
const toolsMode = (work: ChatWork, candidate: Candidate): Candidate["tools"] =>
  work.exchange.compat ? "compat" : candidate.tools;

const NOTHING_KNOWN: KnownLacks = { lacks: new Set(), configured: false };
