/** What is remembered, and the interface through which the rest of the project sees it. Types only. */

/** `auto`: native where the model has tools, emulated where it has not. `compat`: always emulate. */
export type ToolsMode = "auto" | "native" | "compat";

export interface ServerConfig {
  /** Address to bind; default 127.0.0.1. */
  host: string;
  /** Default 11434. */
  port: number;
  /** Ollama routes need no client key from loopback, since Ollama clients cannot send one. Default true. */
  ollamaOpen: boolean;
  /** Further browser origins that may call, exact (`https://app.example`). */
  origins?: string[];
  /** Further Host names under which the daemon may be addressed. */
  hosts?: string[];
  /** Largest request body in bytes; default 32 MiB. */
  maxBodyBytes?: number;
  /** Connections open at once; further ones are answered 503. Default 4,000. */
  maxConnections?: number;
  /**
   * Where answers are kept that a client may refer to later (Responses' `previous_response_id`): they hold whole
   * conversations. Default "memory".
   */
  keepResponses?: "memory" | "disk" | "off";
  /** How long a request waits for a provider key that is about to come back, in milliseconds; default 10,000. */
  maxWaitMs?: number;
  /** How long running answers may go on when the daemon is told to end, in milliseconds; default 10,000. */
  drainMs?: number;
  /** How many processes answer requests, behind the one port; default 1. Read at the start. */
  workers?: number;
  /** How many requests run at once before further ones are refused; default 2,000. */
  maxConcurrent?: number;
  /** Whether the request log holds the bodies of chats, cut to `logBodyBytes`; default "off". */
  logBodies?: "on" | "off";
  /** How much of a body the log holds; default 16 KiB. */
  logBodyBytes?: number;
}

/** What one key may use; what is absent is not limited. Tokens are those read and written together. */
export interface Limits {
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  /** Until midnight UTC. */
  tokensPerDay?: number;
  /** Requests that run at the same time. */
  concurrent?: number;
}

/** All in milliseconds. */
export interface Timeouts {
  connect?: number;
  /** From the request to the first event of the answer. */
  firstEvent?: number;
  /** Between two events. */
  idle?: number;
  /** The whole answer; absent: no limit. */
  total?: number;
}

export interface ProviderConfig {
  /** openai, openai-responses, claude, gemini or ollama. */
  protocol: string;
  /** As the provider's documentation gives it; a missing or doubled version segment is tolerated. */
  baseUrl: string;
  /** Literal, `env:NAME` or `file:PATH`. None: requests go out without a key. */
  keys?: string[];
  /** Keys that are kept, but not used. */
  disabledKeys?: string[];
  headers?: Record<string, string>;
  /** Merged into the body last. */
  params?: Record<string, unknown>;
  /** Model names, where the provider has no list of its own or a shorter one is wanted. */
  models?: string[];
  timeouts?: Timeouts;
  /** Of each of its keys: one that is used up is passed over. */
  limits?: Limits;
  /** URL of an outgoing HTTP proxy. */
  proxy?: string;
  /** PEM file of a further certificate authority. */
  caFile?: string;
  /**
   * Whether its name may lead to a private address (loopback, LAN, link-local); looked at when connecting. Default: yes
   * where `baseUrl` names a private address or a local name (`localhost`, `nas`, `box.lan`), else no.
   */
  allowPrivate?: boolean;
  /**
   * A client that wants a whole answer makes it be asked for one. Default: for a stream all the same, which shows that it
   * is at work, and ends where the client leaves.
   */
  askWhole?: boolean;
  quirks?: Record<string, unknown>;
  /** Model (a name or a glob) → all it can do; what is not listed, it lacks. */
  capabilities?: Record<string, Capability[]>;
  /** Model (a name or a glob) → tokens of its context, over what the provider says. */
  contextLength?: Record<string, number>;
  enabled?: boolean;
}

/** `vision`: sees images. `json`: has a JSON mode. */
export type Capability = "tools" | "vision" | "thinking" | "json";

/** How tools are emulated for models that have none. */
export interface CompatConfig {
  /** The notation asked for; absent: by model family. */
  dialect?: string;
  /** No repairs and no asking again: what is not exactly right stays text. */
  strict?: boolean;
  /** How often the model is asked again about a call that failed: 0 to 2, default 1. */
  reasks?: number;
  /** The tool prompt in place of the built-in one; `{tools}` stands for the tools, `{example}` for a call. */
  prompt?: string;
}

export interface TargetObject {
  /** `provider/model`; `*` as the model stands for the name the client asked for. */
  target: string;
  weight?: number;
  tools?: ToolsMode;
  /** Over the group's, field by field. */
  compat?: CompatConfig;
  params?: Record<string, unknown>;
  enabled?: boolean;
}

export type TargetConfig = string | TargetObject;

/**
 * Which of an alias's targets and keys comes first. `round-robin`: every key of every target in turn, by weight.
 * `priority`: in the order of the list. `least-latency`: the target that lately began to answer soonest. `sticky`: one
 * conversation stays with one key while that is well, so that the provider's prompt cache helps.
 */
export type Strategy = "round-robin" | "priority" | "least-latency" | "sticky";

/** An alias with settings of its own. */
export interface AliasObject {
  targets: TargetConfig[];
  /** Over the group's. */
  strategy?: Strategy;
}

export type AliasConfig = TargetConfig | TargetConfig[] | AliasObject;

/** One comparison, or several that must all hold. `contains` looks into texts and lists, `matches` is a pattern with * and ?. */
export interface Comparison {
  "=="?: unknown;
  "!="?: unknown;
  ">"?: number;
  ">="?: number;
  "<"?: number;
  "<="?: number;
  contains?: unknown;
  matches?: string;
}

/** What a request must be like. All that is given must hold. */
export interface Condition {
  /** The estimated size of the request in tokens. */
  tokens?: Comparison;
  /** The model's name as asked for: a name or a pattern. */
  model?: string;
  /** The client asks for thinking. */
  thinking?: boolean;
  /** The request offers tools. */
  tools?: boolean;
  /** The conversation holds images. */
  images?: boolean;
  /** Dotted path into the request's body (`metadata.user_id`, `messages.0.role`) → what must hold there. */
  body?: Record<string, Comparison>;
}

/** `longContext`: more than 60,000 tokens. `background`: *haiku*. `think`: asks for thinking. `default`: everything. */
export type RulePreset = "longContext" | "background" | "think" | "default";

export interface RuleConfig {
  /** For logs and `group explain`; default: its preset, or its place in the list. */
  name?: string;
  when: RulePreset | Condition;
  /** An alias of the group, or `provider/model`. */
  use: string;
  /** Merged into the body last, in the provider's own words. */
  params?: Record<string, unknown>;
}

/** What else may be answered by another target than the one that refused. Both default to false. */
export interface FailoverConfig {
  /** The provider does not know the model. */
  missingModel?: boolean;
  /** The conversation is too long for the model. */
  contextOverflow?: boolean;
}

export interface PromptConfig {
  mode: "off" | "enhance" | "replace";
  text?: string;
  /** Default "system". */
  position?: "system" | "user";
  /** Only for these aliases (globs); absent: all. */
  models?: string[];
  /** Literal find → replace pairs for the caller's system prompt. */
  replace?: [string, string][];
}

export interface GroupConfig {
  /** Alias (exact or glob) → its targets. */
  models: Record<string, AliasConfig>;
  /** For aliases without one of their own; default by provider: `sticky` where it caches prompts, else `round-robin`. */
  strategy?: Strategy;
  /** Looked at in order before the aliases: the first whose `when` holds decides. */
  rules?: RuleConfig[];
  failover?: FailoverConfig;
  tools?: ToolsMode;
  compat?: CompatConfig;
  prompt?: PromptConfig;
  /** Tools that never reach the model. */
  toolFilter?: string[];
  temperatureRatio?: number;
}

export interface KeyConfig {
  name: string;
  /** HMAC-SHA256 of the key, hex. */
  hash: string;
  /** Groups it reaches; absent: all. */
  groups?: string[];
  /** Models it may ask for, as the client names them (names or patterns, without a group in front); absent: all. */
  models?: string[];
  /** Protocols it may speak: openai, openai-responses, claude, gemini, ollama; absent: all. */
  protocols?: string[];
  /** Addresses it may come from: an address or a network (`192.168.1.0/24`); absent: all. */
  addresses?: string[];
  /** May name a target itself, as `provider/model` or `provider,model`. Default false. */
  direct?: boolean;
  /** What is beyond them is refused with 429. */
  limits?: Limits;
  /** ISO dates. */
  createdAt?: string;
  expiresAt?: string;
  enabled?: boolean;
}

export interface Config {
  $schema?: string;
  server: ServerConfig;
  providers: Record<string, ProviderConfig>;
  groups: Record<string, GroupConfig>;
  /** The group that `/switch` serves; default "default". */
  activeGroup: string;
  /** By id (`k_3f9c`). */
  keys: Record<string, KeyConfig>;
}

/** Why an edited file was not taken over. */
export interface ConfigProblem {
  /** A sentence: what is wrong, where, what was expected. */
  message: string;
  /** JSON pointer, "" for the whole file. */
  pointer: string;
  /** 1-based; absent where the place has no line. */
  line?: number;
  /** 1-based, in characters. */
  column?: number;
}

export interface ConfigStore {
  /** The file's path, for messages. */
  readonly file: string;
  /** The last valid configuration, defaults filled in. Replaced, never mutated. */
  readonly current: Config;
  /** The file differs from `current` because its last edit is wrong. */
  readonly problem: ConfigProblem | undefined;
  /** Of `current`: unknown fields and the like, which do no harm. */
  readonly warnings?: readonly ConfigProblem[];
  /** Called after every change, with the new configuration, or with the problem of a refused edit. */
  onChange: (listener: (change: { config: Config; problem?: ConfigProblem }) => void) => () => void;
  /** Applies one change to the file as it is now: validated, written atomically, visible in `current` when done. */
  update: (mutate: (draft: Config) => void) => Promise<void>;
  /** Reads the file again now. */
  reload: () => Promise<void>;
}

/** Small facts that may be lost, such as what models were seen to lack; see `Storage` for those that may not. */
export interface StateStore {
  get: <T>(key: string) => Promise<T | undefined>;
  /** `ttlMs`: forgotten after that many milliseconds. */
  set: (key: string, value: unknown, ttlMs?: number) => Promise<void>;
  remove: (key: string) => Promise<void>;
  keys: (prefix?: string) => Promise<string[]>;
}

/** A client key that was just made; `secret` is shown once and kept nowhere. */
export interface NewKey {
  id: string;
  secret: string;
  record: KeyConfig;
}

export interface KeyRing {
  /** Makes a key; the caller stores `record` under `keys[id]`. */
  create: (name: string, groups?: string[]) => NewKey;
  /** The key that `secret` is, if it is one of `keys`, enabled and not expired. Constant time. `now`: ms since 1970. */
  verify: (secret: string, keys: Config["keys"], now: number) => { id: string; key: KeyConfig } | undefined;
}

export interface Storage {
  /** The folder everything lives in ($CCPROXY_HOME). */
  readonly dir: string;
  readonly config: ConfigStore;
  readonly state: StateStore;
  /**
   * What must not be lost: usage, and what of the day's tokens is used. Its methods throw when the disk fails; what is
   * there is then left as it is.
   */
  readonly records: StateStore;
  /** The same, gone with the process. */
  readonly memory: StateStore;
  readonly keyRing: KeyRing;
  /** Secret for the admin routes, made on first use, file mode 0600. */
  adminToken: () => Promise<string>;
  /** A provider key's value: literals as they are, `env:NAME` and `file:PATH` resolved; undefined when there is none. */
  resolveKey: (key: string) => string | undefined;
  close: () => Promise<void>;
}
