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

/** What a route is for. "manage" routes belong to one protocol alone (Ollama's pull, show …); `variant` names them. */
export type Job = "chat" | "embed" | "count-tokens" | "models" | "model" | "manage";

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
  /** Throws GatewayError("invalid-request") with the place and what was expected. `body` is parsed JSON. */
  parseRequest: (body: unknown, call: Call) => UnifiedRequest;
  /** The answer's JSON body. */
  writeResponse: (result: UnifiedResult, context: WriteContext) => unknown;
  createStreamWriter: (context: WriteContext) => StreamWriter;
  /** Headers of a streamed answer, for this call. */
  streamHeaders: (call: Call) => Record<string, string>;
  /** Headers of a full answer; default `application/json`. */
  responseHeaders?: Record<string, string>;
  /** The error as a whole response, before anything of a stream was sent. Never carries secrets. */
  writeError: (error: GatewayError, call: Call) => WireResponse;
  /** Text that keeps a waiting client patient, sent between events of a stream; absent: nothing may be sent. */
  keepAlive?: string;
  /**
   * Applies a group's settings to a parsed body of this protocol in place of converting it (pass-through).
   * Returns a new body; shares what did not change. Must mean the same as `applyEdits` on the unified request.
   */
  editRequest: (body: Record<string, unknown>, edits: RequestEdits) => Record<string, unknown>;
  /** Where a response names its model, per wire object: the key path, tried in order (pass-through renames it). */
  modelPaths: readonly (readonly string[])[];
  embeddings?: {
    parse: (body: unknown, call: Call) => EmbedRequest;
    write: (result: EmbedResult, request: EmbedRequest, context: EmbedContext) => unknown;
  };
  writeTokenCount?: (inputTokens: number, call: Call) => unknown;
  models?: {
    writeList: (models: ModelInfo[], call: Call) => unknown;
    writeOne: (model: ModelInfo, call: Call) => unknown;
  };
}

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
  ) => { path: string; modelInBody: boolean } | undefined;
  /** Throws GatewayError("upstream") when the body is no answer. `request` is what `buildRequest` got. */
  parseResponse: (body: unknown, request: UnifiedRequest) => UnifiedResult;
  createStreamParser: (request: UnifiedRequest) => StreamParser;
  /** A provider's error answer. `body` as received, perhaps HTML or empty; the message is fit to be shown. */
  parseError: (status: number, body: string, headers: Headers) => GatewayError;
  embeddings?: {
    build: (request: EmbedRequest) => WireRequest;
    parse: (body: unknown, request: EmbedRequest) => EmbedResult;
  };
  models: {
    list: WireRequest;
    parseList: (body: unknown) => ModelInfo[];
    /** One model's facts (capabilities, context), where the protocol can tell. */
    describe?: (model: string) => WireRequest;
    parseDescription?: (body: unknown, model: string) => ModelInfo;
  };
}

/** Facts about the provider that change how a request is written; from configuration and quirk tables. */
export interface BuildOptions {
  quirks?: Record<string, unknown>;
}

export interface Adapter {
  protocol: Protocol;
  client?: ClientFace;
  provider: ProviderFace;
}
