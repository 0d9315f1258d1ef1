/**
 * What a protocol folder provides: an `Adapter` with two faces. The client face reads what clients send and
 * writes what they expect; the provider face does the reverse towards a provider. Both are pure: no sockets,
 * no clock, no randomness. Types only.
 */
import type { RequestEdits } from "./edits.ts";
import type { GatewayError } from "./errors.ts";
import type {
  EmbedRequest,
  EmbedResult,
  ModelInfo,
  Protocol,
  StreamEvent,
  UnifiedRequest,
  UnifiedResult,
} from "./unified.ts";

/**
 * What a route is for. "manage" routes belong to one protocol alone (Ollama's pull, show …), "stored" ones to answers
 * that are kept for the client; `variant` names them.
 */
export type Job = "chat" | "embed" | "count-tokens" | "models" | "model" | "manage" | "stored";

export interface Route {
  method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  /** An exact path, or an anchored pattern whose named groups become `Call.params`. Paths come without group prefix. */
  path: string | RegExp;
  job: Job;
  /** Tells routes of one job apart for the protocol's own files: "chat" | "generate" | "completions" | "stream" … */
  variant?: string;
  /**
   * Some paths have several readers (`/v1/models`): claims the request by its headers or query.
   * A route without `claims` takes what no other route claimed.
   */
  claims?: (headers: Headers, query: URLSearchParams) => boolean;
}

/** Lower-case header names. */
export type Headers = Record<string, string | undefined>;

/** One incoming call, after the path was read. */
export interface Call {
  job: Job;
  variant?: string;
  /** Named groups of the route's path, decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  headers: Headers;
  /** What the client is told in `ClientFace.requestIdHeader`: `req_…`. */
  requestId?: string;
}

/** What writers need beside the answer. Everything that changes from run to run comes in here. */
export interface WriteContext {
  call: Call;
  /** The request as the client meant it (model = the name asked for), to turn tools back into what it knows. */
  request: UnifiedRequest;
  /** Random, 24 letters and digits; protocols put their prefix in front. Further ids: `newId()`. */
  id: string;
  newId: () => string;
  /** Milliseconds since 1970, when the answer began. */
  createdAt: number;
  /** Milliseconds since 1970, now. Durations are differences to `createdAt`. */
  now: () => number;
}

/** Turns batches of events into wire text. `push` of one batch is one network write. */
export interface StreamWriter {
  push: (events: StreamEvent[]) => string;
  /** Closes what is open after the last event (Gemini's array bracket). "" where nothing is needed. */
  end: () => string;
  /** The full answer that was told piece by piece, after `end`; for protocols whose answers are kept. */
  result?: () => unknown;
}

/** As `StreamWriter`, for several answers to one request: each batch is of the answer with that number, from 0. */
export interface ChoicesWriter {
  push: (events: StreamEvent[], choice: number) => string;
  /** Ends the stream once all answers are finished; "" after an `error` event. */
  end: () => string;
}

/** How a protocol tells several answers to one request: OpenAI's `n`, Gemini's `candidateCount`. */
export interface ChoicesFace {
  /** What the client's body calls their number. */
  field: string;
  /** `results` in the order of their numbers. What they used together is the sum. */
  writeResponse: (results: UnifiedResult[], context: WriteContext) => unknown;
  createStreamWriter: (context: WriteContext) => ChoicesWriter;
}

/** Turns wire text, cut anywhere, into events. After `end` an answer is finished or an `error` event was given. */
export interface StreamParser {
  push: (text: string) => StreamEvent[];
  end: () => StreamEvent[];
}

export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface ClientFace {
  routes: Route[];
  /** The header in which clients expect the id of their request: `req_…`. */
  requestIdHeader?: string;
  /** The origin of the native parts its writers tell: its own protocol's name. Absent: they know none. */
  natives?: Protocol;
  /** Clients of this protocol cannot send a key (Ollama's): they may be let in from this machine without one. */
  keyless?: boolean;
  /** What of a random id the protocol's own server would have made for a tool call, behind `call_`; default all of it. */
  toCallId?: (random: string) => string;
  /** Paths with a slash too many are answered with a redirect to the right one, as the protocol's own server does. */
  tidyPaths?: boolean;
  /**
   * Reads a body that is not JSON as a whole, as far as the protocol's own server does. Throws
   * GatewayError("invalid-request") in that server's words. Absent: such a body is refused.
   */
  parseBody?: (text: string) => unknown;
  /** Whether a body has what only this protocol's have. Absent: bodies that no other protocol claims are its own. */
  isOwnBody?: (body: Record<string, unknown>) => boolean;
  /** Throws GatewayError("invalid-request") with the place and what was expected. `body` is parsed JSON. */
  parseRequest: (body: unknown, call: Call) => UnifiedRequest;
  /** How the protocol's own server writes the JSON of whole answers; default `JSON.stringify`. */
  writeJson?: (value: unknown) => string;
  /** The answer's JSON body. */
  writeResponse: (result: UnifiedResult, context: WriteContext) => unknown;
  createStreamWriter: (context: WriteContext) => StreamWriter;
  /** Clients may ask for several answers at once (`UnifiedRequest.choices`): providers are asked once for each. */
  choices?: ChoicesFace;
  /**
   * The whole answer's JSON body for a request that needs no provider (Ollama's load and unload), or undefined.
   * Sent as one body even when a stream was asked for.
   */
  answerDirectly?: (request: UnifiedRequest, call: Call, context: WriteContext) => unknown;
  /** Headers of a streamed answer, for this call. */
  streamHeaders: (call: Call) => Record<string, string>;
  /** Headers of a full answer; default `application/json`. */
  responseHeaders?: Record<string, string>;
  /** The error as a whole response, before anything of a stream was sent. Never carries secrets. */
  writeError: (error: GatewayError, call: Call) => WireResponse;
  /** Ends a stream that a provider of the same protocol has begun with an error; absent: as one of its own writer's. */
  writeBroken?: (error: GatewayError, sent: SentStream, context: WriteContext) => string;
  /** Text that keeps a waiting client patient, sent between events of a stream; absent: nothing may be sent. */
  keepAlive?: string;
  /** The keep-alive may come before anything else of the stream. */
  keepAliveEarly?: boolean;
  /**
   * Applies a group's settings to a parsed body of this protocol in place of converting it (pass-through).
   * Returns a new body; shares what did not change. Must mean the same as `applyEdits` on the unified request.
   */
  editRequest: (body: Record<string, unknown>, edits: RequestEdits) => Record<string, unknown>;
  /** Where a response names its model, per wire object: the key path, tried in order (pass-through renames it). */
  modelPaths: readonly (readonly string[])[];
  embeddings?: {
    parse: (body: unknown, call: Call) => EmbedRequest;
    /** The answer's JSON body where no provider needs to be asked (nothing to embed), or undefined. */
    answerDirectly?: (request: EmbedRequest, call: Call) => unknown;
    write: (result: EmbedResult, request: EmbedRequest, context: EmbedContext) => unknown;
  };
  writeTokenCount?: (inputTokens: number, call: Call, request?: UnifiedRequest) => unknown;
  /** Clients of this protocol may refer to earlier answers instead of sending the conversation again. */
  stored?: StoredFace;
  models?: {
    writeList: (models: ModelInfo[], call: Call) => unknown;
    writeOne: (model: ModelInfo, call: Call) => unknown;
  };
}

/** How far a provider's stream came that went through as it is. */
export interface SentStream {
  /** The answer's id, if it told one. */
  id?: string;
  /** The last event that was sent. */
  last: string;
}

/** An answer that is kept for its client, with the conversation that led to it. */
export interface StoredAnswer {
  id: string;
  /** The whole conversation before the answer, item by item as the client sent it. */
  input: unknown[];
  /** The answer's JSON body. */
  answer: Record<string, unknown>;
}

/** How a protocol goes on with answers that were kept. Where they are kept, for whom and how long is not its matter. */
export interface StoredFace {
  /**
   * The id of an answer that `body` refers to and that was not looked for yet; undefined: there is none.
   * `found` holds what was looked for, undefined for what is not kept.
   */
  findNeeded: (body: unknown, found: StoredAnswers) => string | undefined;
  /** The id of an answer kept by a provider that `body` goes on with; undefined: there is none. */
  findForeign?: (body: unknown) => string | undefined;
  /** The body with all it refers to put in its place; the same body where nothing of that is kept. */
  expand: (body: unknown, found: StoredAnswers) => unknown;
  /** What to keep of an answer to an (expanded) body; undefined: the client does not want it kept. */
  toStored: (body: unknown, answer: unknown) => StoredAnswer | undefined;
  /** Answers a route of the job "stored" about the answer with the id `Call.params.id`; throws where it is not kept. */
  answer: (call: Call, stored: StoredAnswer | undefined) => { body: unknown; remove?: boolean };
  /** How a provider of the protocol is asked the same about an answer of its own; undefined: the id is one of ours. */
  toProvider?: (call: Call) => WireRequest | undefined;
}

export type StoredAnswers = ReadonlyMap<string, StoredAnswer | undefined>;

export interface EmbedContext {
  call: Call;
  /** Milliseconds the provider took. */
  elapsedMs: number;
}

/** What goes out to a provider. The path is below the provider's base URL root (version segment included). */
export interface WireRequest {
  method: "GET" | "POST" | "DELETE";
  /** `/v1/chat/completions`; a version segment that the base URL already ends with is not doubled. */
  path: string;
  headers?: Record<string, string>;
  body?: Record<string, unknown>;
  /** What of the request this protocol cannot carry, in words for a warning header: "top_k", "tool search". */
  dropped?: string[];
}

export interface ProviderFace {
  /** How a streamed answer is framed. */
  framing: "sse" | "ndjson";
  /** Segments a base URL may end with that the paths of this protocol bring themselves: ["/v1"], ["/api"]. */
  baseSuffixes: readonly string[];
  /** Hosts that have the protocol's paths without the version in front. */
  unversionedHosts?: readonly string[];
  authHeaders: (key: string) => Record<string, string>;
  /** Headers every request of this protocol carries (`anthropic-version`). */
  headers?: Record<string, string>;
  /** Client headers passed on when client and provider speak this protocol (`anthropic-beta`). Lower case. */
  forwardHeaders?: readonly string[];
  /** `request.model` is the provider's name, `request.stream` says whether to stream from it. */
  buildRequest: (request: UnifiedRequest, options?: BuildOptions) => WireRequest;
  /**
   * Pass-through: the path to which a body of this protocol goes as it is, or undefined where this call has none.
   * The model's name is patched in the body at the top-level key "model", unless `path` already carries it.
   */
  passThrough: (
    call: Call,
    model: string,
    stream: boolean,
    options?: BuildOptions,
  ) => { path: string; modelInBody: boolean } | undefined;
  /**
   * Whether answers of a model can be held to a JSON Schema while they are made (`request.output`), as far as is known
   * before asking. Absent: they cannot.
   */
  holdsToSchema?: (model: string, options?: BuildOptions) => boolean;
  /** Whether this provider reads a body of the protocol as it is; where not, it is converted. Absent: always. */
  takesAsIs?: (body: Record<string, unknown>, model: string, options?: BuildOptions) => boolean;
  /** Throws GatewayError("upstream") when the body is no answer. `request` and `options` are what `buildRequest` got. */
  parseResponse: (body: unknown, request: UnifiedRequest, options?: BuildOptions) => UnifiedResult;
  /**
   * Beginning and end (with usage) of a full answer so plain that `parseResponse` would tell the same of them; undefined:
   * it has to. For an answer that passes through, of which nothing else is asked.
   */
  skim?: (body: unknown) => StreamEvent[] | undefined;
  /** The events of a full answer so plain that `parseResponse` need not read it; undefined: it has to. */
  readPlain?: (body: unknown, model: string, options?: BuildOptions) => StreamEvent[] | undefined;
  /** `options` as `buildRequest` got them: some quirks change how an answer is read. */
  createStreamParser: (request: UnifiedRequest, options?: BuildOptions) => StreamParser;
  /** A provider's error answer. `body` as received, perhaps HTML or empty; the message is fit to be shown. */
  parseError: (status: number, body: string, headers: Headers) => GatewayError;
  /** The provider keeps what it read of a conversation for the next turn: a conversation should stay with one key. */
  cachesPrompts?: (options: BuildOptions) => boolean;
  embeddings?: {
    /** A request that is too large to be made at once, in pieces whose vectors follow each other. */
    split?: (request: EmbedRequest) => EmbedRequest[];
    build: (request: EmbedRequest) => WireRequest;
    parse: (body: unknown, request: EmbedRequest) => EmbedResult;
  };
  models: {
    list: WireRequest;
    parseList: (body: unknown) => ModelInfo[];
    /** One model's facts (capabilities, context), where the protocol can tell. */
    describe?: (model: string) => WireRequest;
    parseDescription?: (body: unknown, model: string) => ModelInfo;
    /**
     * What a model is known to lack ("tools", "vision", "thinking", "json"), by the abilities its description lists, else
     * by its name. Absent: descriptions of this protocol tell too little.
     */
    toLacks?: (model: string, abilities: readonly string[] | undefined) => string[];
  };
}

/** Facts about the provider that change how a request is written; from configuration and quirk tables. */
export interface BuildOptions {
  /** As configured; they win over what an adapter knows of the provider. */
  quirks?: Record<string, unknown>;
  /** Who is asked: an adapter may know it by its id or by the host of its base URL. */
  provider?: { id: string; baseUrl: string };
  /** The answer's text is wanted as the model wrote it, markup included: its reader takes thoughts and calls out itself. */
  rawText?: boolean;
}

export interface Adapter {
  protocol: Protocol;
  client?: ClientFace;
  provider: ProviderFace;
}
