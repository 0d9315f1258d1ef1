/** One wide event per request: an allow-list of fields, never a body, a header or a key. */
export interface RequestLogEntry {
  time: string;
  method: string;
  /** Without its query, which may hold a key. */
  path: string;
  status: number;
  ms: number;
  protocol?: string;
  group?: string;
  /** As asked for. */
  model?: string;
  /** `provider/model` that answered. */
  target?: string;
  /** How it was served. */
  via?: "pass-through" | "converted" | "compat";
  stream?: boolean;
  attempts?: number;
  inputTokens?: number;
  outputTokens?: number;
  finish?: string;
  /** Kinds of repairs made on emulated tool calls. */
  repairs?: string[];
  /** What the provider's protocol could not carry. */
  dropped?: string[];
  /** Kind and message of what went wrong. */
  error?: string;
  /** Id of the client key used. */
  key?: string;
}

export type RequestLog = (entry: RequestLogEntry) => void;

/** Writes entries as lines of JSON; control characters of outside text are escaped by JSON itself. */
export const createRequestLog =
  (write: (line: string) => void): RequestLog =>
  (entry) =>
    write(JSON.stringify(entry));
