import { gzipSync } from "node:zlib";
import type { ProviderConfig } from "../../storage/types.ts";
import type { Line, Play } from "../support/fault-server.ts";
import type { ProtocolName } from "../support/daemon.ts";

/** Where faults live that are no matter of what is said. */
export interface FaultPlaces {
  /** Nothing listens there. */
  refused: string;
  /** Connections are taken and TLS is never spoken. */
  silentTls: string;
  expired: { url: string; caFile: string };
  otherHost: { url: string; caFile: string };
}

/** One way in which a provider fails, and what is to come of it. */
export interface Fault {
  name: string;
  /** Of the provider's configuration. */
  provider?: (places: FaultPlaces, place: string) => Partial<ProviderConfig>;
  play?: Play;
  /** The client offers a tool. */
  tools?: boolean;
  /** What the client is told where nothing was sent yet. */
  status: (client: ProtocolName) => number;
  /** Part of the message. */
  says: RegExp;
  /** How often the only provider there is is asked. */
  tries: number;
  /** Who is asked in its place where there is somebody. */
  next: "target" | "key" | "nobody";
  /** Who rests afterwards, why, and for how long at least and at most. */
  rests?: { name: "key" | "model"; reason: string; ms: [number, number] };
  /** A streamed answer had begun: the fault is told inside of it. */
  begun?: (client: ProtocolName, provider: ProtocolName) => boolean;
}

export const TEXTS = (count: number): string[] => [`answer ${count}: `, "grüße 😀 ", "and the end"];
const ARGS = '{"city":"Paris","unit":"c"}';

const told = (status: number) => (): number => status;
/** Claude has a status of its own for it. */
const overloaded = (client: ProtocolName): number => (client === "claude" ? 529 : 503);
const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** The pieces of a good answer. */
export function toPieces({ words, answer }: Line, count: number): string[] {
  const texts = TEXTS(count);
  return answer(words.stream(texts), words.whole(texts.join("")));
}

/** All of a good answer. */
export const playGood: Play = async (line, count) => {
  line.head();
  for (const piece of toPieces(line, count)) await line.write(piece);
  line.end();
};

/** The first two of the three texts, and no more. */
async function playBeginning(line: Line, count: number): Promise<void> {
  line.head();
  for (const piece of toPieces(line, count).slice(0, line.attempt.protocol === "gemini" ? -1 : -2))
    await line.write(piece);
}

/** Everything up to the middle of a call's arguments. */
async function playHalfCall(line: Line): Promise<void> {
  const { words, attempt } = line;
  const pieces = line.answer(words.call(ARGS), words.wholeCall(ARGS));
  line.head();
  await line.write(pieces[0] ?? "");
  const next = pieces[1] ?? "";
  await line.write(attempt.stream && isPiecewise(attempt.protocol) ? next : next.slice(0, next.length / 2));
}

const refuse =
  (status: number, headers: Record<string, string> = {}, body?: (line: Line) => string): Play =>
  (line) =>
    line.reply(status, body?.(line) ?? line.words.errorBody(status, `says ${status}`), headers);

/** Money is gone, in each protocol's words. */
const playSpent: Play = (line) => {
  const { protocol } = line.attempt;
  if (protocol === "claude")
    return line.reply(400, line.words.errorBody(400, "Your credit balance is too low"));
  if (protocol === "gemini") return line.reply(402, line.words.errorBody(402, "no credit left"));
  const message =
    protocol === "ollama" ? "you reached your weekly usage limit" : "You exceeded your current quota";
  return line.reply(429, line.words.errorBody(429, message, "insufficient_quota"));
};

const playErrorFirst: Play = async (line) => {
  const { words, attempt } = line;
  const code = OVERLOADED[attempt.protocol];
  if (!attempt.stream) return line.reply(200, words.errorBody(503, "server busy: too much", code));
  line.head();
  await line.write(words.error("overloaded", "too much"));
  line.end();
};

/** Byte by byte, with a byte-order mark, line ends of the other kind and a thousand comments. */
const playOddBytes: Play = async (line, count) => {
  const { attempt, words } = line;
  const noise = !attempt.stream ? " \r\n" : words.type === "text/event-stream" ? ": .\r\n\r\n" : "\r\n";
  const long = attempt.stream && words.type === "text/event-stream" ? `: ${"x".repeat(100_000)}\r\n\r\n` : "";
  line.head();
  await line.write(`\uFEFF${noise.repeat(1000)}${long}`);
  const text = toPieces(line, count).join("");
  const bytes = Buffer.from(attempt.stream ? text.replaceAll("\n", "\r\n") : text);
  for (let at = 0; at < bytes.length; at++) void line.write(bytes.subarray(at, at + 1));
  await line.write(noise);
  line.end();
};

const OVERLOADED: Partial<Record<ProtocolName, string>> = {
  openai: "overloaded",
  "openai-responses": "server_is_overloaded",
  claude: "overloaded_error",
};
/** Arguments of calls come in pieces. */
const isPiecewise = (protocol: ProtocolName): boolean => protocol !== "gemini" && protocol !== "ollama";
const always = (): boolean => true;
const toldInStream = { begun: always, next: "target" } as const;

/** The 24 faults, some in several forms. Cooldowns are named where one failure is enough for them. */
export const FAULTS: Record<string, Fault> = {
  f1: {
    name: "its host name does not exist",
    provider: (_places, place) => ({ baseUrl: `http://no-such-host.invalid/${place}` }),
    status: told(502),
    says: /host name/,
    tries: 1,
    next: "target",
  },
  f2: {
    name: "it refuses connections",
    provider: ({ refused }, place) => ({ baseUrl: `${refused}/${place}` }),
    status: told(502),
    says: /connection refused/,
    tries: 2,
    next: "target",
  },
  f3: {
    name: "connections to it never come about",
    provider: ({ silentTls }, place) => ({ baseUrl: `${silentTls}/${place}`, timeouts: { connect: 120 } }),
    status: told(504),
    says: /could not be reached in time/,
    tries: 1,
    next: "target",
  },
  f4: {
    name: "its certificate has expired",
    provider: ({ expired: { url, caFile } }, place) => ({ baseUrl: `${url}/${place}`, caFile }),
    status: told(502),
    says: /certificate has expired/,
    tries: 1,
    next: "target",
  },
  "f4-host": {
    name: "its certificate is for another host",
    provider: ({ otherHost: { url, caFile } }, place) => ({ baseUrl: `${url}/${place}`, caFile }),
    status: told(502),
    says: /certificate is for another host/,
    tries: 1,
    next: "target",
  },
  f5: {
    name: "it resets the connection before it answers",
    play: (line) => line.reset(),
    status: told(502),
    says: /reset|closed/,
    tries: 2,
    next: "target",
  },
  f6: {
    name: "it takes the request and says nothing",
    provider: () => ({ timeouts: { firstEvent: 120 } }),
    play: () => undefined,
    status: told(504),
    says: /no answer within/,
    tries: 1,
    next: "target",
  },
  f7: {
    name: "it refuses the key",
    play: refuse(401),
    status: told(502),
    says: /says 401/,
    tries: 1,
    next: "key",
    rests: { name: "key", reason: "refused", ms: [59_000, 60_000] },
  },
  "f7-forbidden": {
    name: "it forbids what the key asks for",
    play: refuse(403),
    status: told(502),
    says: /says 403/,
    tries: 1,
    next: "key",
    rests: { name: "key", reason: "refused", ms: [59_000, 60_000] },
  },
  f8: {
    name: "it does not know the model",
    play: refuse(404),
    status: told(404),
    says: /says 404/,
    tries: 1,
    next: "nobody",
  },
  f9: {
    name: "it finds the request wrong",
    play: refuse(400),
    status: told(400),
    says: /says 400/,
    tries: 1,
    next: "nobody",
  },
  f10: {
    name: "it limits the rate, and says for how many seconds",
    play: refuse(429, { "retry-after": "7" }),
    status: told(429),
    says: /says 429/,
    tries: 1,
    next: "key",
    rests: { name: "model", reason: "rate-limit", ms: [6000, 7000] },
  },
  "f10-date": {
    name: "it limits the rate, and says until when",
    play: (line, count) =>
      refuse(429, { "retry-after": new Date(Date.now() + 9000).toUTCString() })(line, count),
    status: told(429),
    says: /says 429/,
    tries: 1,
    next: "key",
    rests: { name: "model", reason: "rate-limit", ms: [7000, 9000] },
  },
  "f10-ms": {
    name: "it limits the rate, and says for how many milliseconds",
    play: refuse(429, { "retry-after-ms": "2500" }),
    status: told(429),
    says: /says 429/,
    tries: 1,
    next: "key",
    rests: { name: "model", reason: "rate-limit", ms: [1500, 2500] },
  },
  f11: {
    name: "the key's money is spent",
    play: playSpent,
    status: told(429),
    says: /credit|quota|usage limit/,
    tries: 1,
    next: "key",
    rests: { name: "key", reason: "quota", ms: [3_599_000, 3_600_000] },
  },
  f12: { name: "it fails", play: refuse(500), status: told(500), says: /says 500/, tries: 2, next: "target" },
  f13: {
    name: "a gateway in front of it answers with a page",
    play: refuse(502, { "content-type": "text/html" }, () => "<html><h1>Bad Gateway</h1></html>"),
    status: told(502),
    says: /HTTP status 502/,
    tries: 2,
    next: "target",
  },
  f14: {
    name: "it is overloaded",
    play: refuse(529),
    status: overloaded,
    says: /says 529/,
    tries: 2,
    next: "target",
  },
  f15: {
    name: "it sends the request elsewhere",
    play: refuse(307, { location: "http://127.0.0.1:9/elsewhere" }),
    status: told(502),
    says: /redirect/,
    tries: 1,
    next: "target",
  },
  f16: {
    name: "it begins a good answer with an error",
    play: playErrorFirst,
    status: overloaded,
    says: /too much/,
    tries: 2,
    next: "target",
  },
  f17: {
    name: "it begins an answer and says nothing",
    provider: () => ({ timeouts: { firstEvent: 120 } }),
    play: (line) => line.head(),
    status: told(504),
    says: /no answer within/,
    tries: 1,
    next: "target",
  },
  f18: {
    name: "it stands still in the middle of a text",
    provider: () => ({ timeouts: { idle: 120 } }),
    play: playBeginning,
    status: told(504),
    says: /stood still/,
    tries: 1,
    ...toldInStream,
  },
  f19: {
    name: "it resets the connection in the middle of a text",
    async play(line, count) {
      await playBeginning(line, count);
      // What was not read yet when a reset comes is lost.
      await wait(25);
      line.reset();
    },
    status: told(502),
    says: /reset|closed/,
    tries: 2,
    ...toldInStream,
  },
  f20: {
    name: "it resets the connection in the middle of a call's arguments",
    tools: true,
    async play(line) {
      await playHalfCall(line);
      await wait(25);
      line.reset();
    },
    status: told(502),
    says: /reset|closed/,
    tries: 2,
    next: "target",
    // Clients that get calls whole have seen nothing of half of one, and where there are no halves a text was said first.
    begun: (client, provider) => !isPiecewise(provider) || isPiecewise(client),
  },
  f21: {
    name: "it ends its answer in the middle as if that were all",
    async play(line, count) {
      await playBeginning(line, count);
      line.end();
    },
    status: told(502),
    says: /ended before|broke off|cannot be read/,
    tries: 2,
    ...toldInStream,
  },
  f22: {
    name: "its first event is no JSON",
    async play(line) {
      line.head();
      await line.write(line.attempt.stream ? line.words.broken : '{"model":"m","choi');
      line.end();
    },
    status: told(502),
    says: /no JSON|cannot be read/,
    tries: 2,
    next: "target",
  },
  "f22-page": {
    name: "it answers with a page to sign in",
    play: refuse(200, { "content-type": "text/html" }, () => "<!doctype html><p>Sign in</p>"),
    status: told(502),
    says: /cannot be read|ended before|broke off|no JSON|without an answer/,
    tries: 2,
    next: "target",
  },
  "f22-empty": {
    name: "its answer is empty",
    play: (line) => line.reply(200, "", { "content-type": line.type }),
    status: told(502),
    says: /empty|ended before|broke off|without an answer/,
    tries: 2,
    next: "target",
  },
  "f22-late": {
    name: "an event in the middle is no JSON",
    async play(line, count) {
      await playBeginning(line, count);
      await line.write(line.attempt.stream ? line.words.broken : "\u0000");
      line.end();
    },
    status: told(502),
    says: /no JSON|cannot be read/,
    tries: 2,
    ...toldInStream,
  },
  f23: {
    name: "its bytes come one by one, with comments, a mark in front and odd line ends",
    play: playOddBytes,
    status: told(200),
    says: /^$/,
    tries: 1,
    next: "nobody",
  },
  f24: {
    name: "it compresses what it was asked not to",
    async play(line) {
      line.head();
      await line.write(gzipSync(Buffer.alloc(16 << 20, " ")));
      line.end();
    },
    status: told(502),
    says: /compressed/,
    tries: 2,
    next: "target",
  },
  "f24-framing": {
    name: "it lies about the length of a chunk",
    play(line) {
      line.head();
      line.socket.write("zz\r\nnot a chunk\r\n");
    },
    status: told(502),
    says: /breaks the rules of HTTP/,
    tries: 2,
    next: "target",
  },
};
