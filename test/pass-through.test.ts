import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findAdapter } from "../adapters/index.ts";
import { applyEdits, type RequestEdits } from "../adapters/edits.ts";
import type { Adapter, Call, ClientFace } from "../adapters/adapter.ts";
import { foldEvents } from "../adapters/fold.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import type { Config, GroupConfig } from "../storage/types.ts";
import { createCommitPoint } from "../server/commit-point.ts";
import { ask, userText } from "./support/ask.ts";
import { perProtocol, PROTOCOLS, startDaemon, type ProtocolName, type TestDaemon } from "./support/daemon.ts";
import { listFixtures, loadRequests, readFixture, toCall, type RequestFixture } from "./support/fixtures.ts";
import { meaning } from "./support/meaning.ts";
import {
  startScriptedProvider,
  toWriteContext,
  type Script,
  type ScriptedProvider,
  type SeenRequest,
} from "./support/scripted-provider.ts";

/** Client and provider of one protocol: what is not to be changed is not changed, and what is, is the same as elsewhere. */
const usage = { inputTokens: 3, outputTokens: 2 };
const answer: StreamEvent[] = [
  { type: "start", model: "model-a" },
  { type: "text-delta", text: "Grüße " },
  { type: "text-delta", text: "🌍" },
  { type: "finish", reason: "stop", usage },
];

let script: Script = () => answer;
let provider: ScriptedProvider;
let daemon: TestDaemon;

beforeAll(async () => {
  provider = await startScriptedProvider((...given) => script(...given));
  const config = perProtocol(provider.url);
  daemon = await startDaemon({ ...config, groups: { ...config.groups, ...aliases() } });
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});
beforeEach(() => {
  provider.seen.length = 0;
  script = () => answer;
});

/** Groups `alias-claude` …: whatever is asked for, the provider's model is `model-a`. */
function aliases(): Config["groups"] {
  return Object.fromEntries(
    PROTOCOLS.map((name) => [`alias-${name}`, { models: { "*": `${name}/model-a` } }]),
  );
}

const PATHS: Record<ProtocolName, [streamed: string, whole: string]> = {
  openai: ["/v1/chat/completions", "/v1/chat/completions"],
  "openai-responses": ["/v1/responses", "/v1/responses"],
  claude: ["/v1/messages", "/v1/messages"],
  gemini: ["/v1beta/models/MODEL:streamGenerateContent?alt=sse", "/v1beta/models/MODEL:generateContent"],
  ollama: ["/api/chat", "/api/chat"],
};
const isStreamType: Record<ProtocolName, string> = {
  openai: "text/event-stream",
  "openai-responses": "text/event-stream",
  claude: "text/event-stream",
  gemini: "text/event-stream",
  ollama: "application/x-ndjson",
};

function toBody(protocol: ProtocolName, model: string, stream: boolean): Record<string, unknown> {
  const messages = [{ role: "user", content: "hi" }];
  switch (protocol) {
    case "gemini":
      return { contents: [{ role: "user", parts: [{ text: "hi" }] }] };
    case "openai-responses":
      return { model, input: "hi", stream };
    case "claude":
      return { model, max_tokens: 100, messages, stream };
    default:
      return { model, messages, stream };
  }
}

interface Got {
  status: number;
  headers: Headers;
  bytes: Buffer;
}
async function send(url: string, body: string, headers: Record<string, string> = {}): Promise<Got> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}
/** Whatever failed before: nobody rests for it. */
const chat = async (
  protocol: ProtocolName,
  model: string,
  stream: boolean,
  prefix = `/${protocol}`,
): Promise<Got> => {
  await daemon.wake();
  return send(
    daemon.url + prefix + PATHS[protocol][stream ? 0 : 1].replace("MODEL", model),
    JSON.stringify(toBody(protocol, model, stream)),
  );
};
const lastSeen = (): SeenRequest & { request: UnifiedRequest } => {
  const seen = provider.seen.at(-1);
  if (!seen?.request) throw new Error("the provider was not asked");
  return { ...seen, request: seen.request };
};
const toAdapter = (protocol: string): Adapter & { client: ClientFace } => {
  const adapter = findAdapter(protocol);
  if (!adapter?.client) throw new Error(`no client face of ${protocol}`);
  return { ...adapter, client: adapter.client };
};

describe.each(PROTOCOLS)("%s", (protocol) => {
  const adapter = toAdapter(protocol);
  const captures = loadRequests(adapter).filter(({ call }) => call.job === "chat");
  const chats = captures.filter((capture) => read(capture).messages.length > 0);
  /** Streams without an error before their first word, which would be an answer of its own. */
  const streams = listFixtures(`${protocol}/streams`).filter((name) => {
    const parser = adapter.provider.createStreamParser({ model: "m", messages: [], stream: true });
    const events = [...parser.push(readFixture(`${protocol}/streams/${name}`)), ...parser.end()];
    const failed = events.findIndex(({ type }) => type === "error");
    return failed === -1 || createCommitPoint(() => 0)(events.slice(0, failed));
  });

  /** The client is told of an answer that broke off: its bytes alone would look like a whole one. */
  const breaksOff = (text: string): boolean => {
    const parser = adapter.provider.createStreamParser({ model: "m", messages: [], stream: true });
    if (parser.push(text).some(({ type }) => type === "error")) return false;
    const last = parser.end().at(-1);
    return last?.type === "error" && last.error.code === undefined;
  };

  it.each(streams)("the bytes of %s reach the client as they are", async (name) => {
    const lf = readFixture(`${protocol}/streams/${name}`);
    for (const text of [lf, lf.replaceAll("\n", "\r\n")]) {
      script = sendRaw(isStreamType[protocol], text);
      const got = await chat(protocol, "model-a", true);
      const received = got.bytes.toString("utf8");
      if (breaksOff(text)) {
        // All whole lines of it, and then the error.
        const lines = text.slice(0, text.lastIndexOf("\n") + 1).trimEnd();
        expect([got.status, received.slice(0, lines.length)]).toEqual([200, lines]);
        expect(received.slice(lines.length)).toMatch(
          /event: (?:error|response\.failed)\n|(?:data: )?\{"(?:error"|type":"error")/,
        );
      } else expect([got.status, received]).toEqual([200, text]);
      expect(got.headers.get("content-type")).toContain(isStreamType[protocol]);
    }
    expect(daemon.log.at(-1)?.via ?? "pass-through").toBe("pass-through");
  });

  it("a whole answer reaches the client as it is, odd spacing and unknown fields included", async () => {
    for (const name of listFixtures(`${protocol}/responses`).filter((file) => file.endsWith(".json"))) {
      const text = `${readFixture(`${protocol}/responses/${name}`)}\n\t `;
      if ((JSON.parse(text) as { error?: unknown }).error) continue;
      script = sendRaw("application/json", text);
      const got = await chat(protocol, "model-a", false);
      expect([got.status, got.bytes.toString("utf8")], name).toEqual([200, text]);
    }
  });

  it("under another name only the model's is changed, streamed and whole", async () => {
    const [streamed, whole] = [written(adapter, true), written(adapter, false)];
    const renamed = (text: string): string =>
      text.replaceAll(/("(?:model|modelVersion)"\s*:\s*)"model-a"/g, '$1"my alias/x:1"');
    expect(streamed).not.toBe(renamed(streamed));
    for (const text of [streamed, streamed.replaceAll('":"', '" : "'), streamed.replaceAll("\n", "\r\n")]) {
      script = sendRaw(isStreamType[protocol], text);
      const got = await chat(protocol, encode(protocol, "my alias/x:1"), true, `/alias-${protocol}`);
      expect(got.bytes.toString("utf8")).toBe(renamed(text));
    }
    script = sendRaw("application/json", whole);
    const got = await chat(protocol, encode(protocol, "my alias/x:1"), false, `/alias-${protocol}`);
    expect(got.bytes.toString("utf8")).toBe(renamed(whole));
    expect(`${lastSeen().request.model}${lastSeen().url}`).toContain("model-a");
  });

  it("the name is changed wherever the provider's writes cut it", async () => {
    const text = written(adapter, true);
    const name = text.indexOf('"model-a"');
    const lineStart = text.lastIndexOf("\n", name) + 1;
    const expected = text.replaceAll(/("(?:model|modelVersion)":)"model-a"/g, '$1"x"');
    for (const at of [lineStart + 1, name - 3, name + 1, name + 4, name + 9]) {
      script = (_request, { res }) => {
        res.writeHead(200, { "content-type": isStreamType[protocol] });
        // Each piece is on its way before the next one is written.
        res.write(text.slice(0, at), () => setImmediate(() => res.end(text.slice(at))));
        return undefined;
      };
      const got = await chat(protocol, "x", true, `/alias-${protocol}`);
      expect(got.bytes.toString("utf8")).toBe(expected);
    }
  });

  it.each(captures.map((capture) => [capture.name, capture] as const))(
    "%s reaches the provider byte for byte, but for the model",
    async (_name, capture) => {
      if (read(capture).messages.length === 0) return;
      const body = { x_unknown: { deep: ["é", 1e2, null] }, ...capture.body, xUnknown: [true] };
      for (const text of [
        JSON.stringify(body),
        JSON.stringify(body, undefined, 2),
        ` ${JSON.stringify(body)}\r\n`,
      ]) {
        const { status } = await send(daemon.url + `/alias-${protocol}` + capture.path, text);
        expect(status).toBe(200);
        const { model } = capture.body;
        const swapped =
          typeof model === "string" ? replaceFirst(text, JSON.stringify(model), '"model-a"') : text;
        expect(lastSeen().text).toBe(swapped);
      }
    },
  );

  describe.each(Object.entries(EDITS))("a group that changes the request: %s", (_edit, group) => {
    let edited: TestDaemon;
    beforeAll(async () => {
      edited = await startDaemon(perProtocol(provider.url, group));
    });
    afterAll(() => edited.close());

    it("means the same as where the request is converted", async () => {
      for (const capture of chats) {
        if (OWN_WAY.has(capture.name)) continue;
        const { status } = await send(
          `${edited.url}/${protocol}${capture.path}`,
          JSON.stringify(capture.body),
        );
        expect(status, capture.name).toBe(200);
        const meant = read(capture);
        const expected = applyEdits({ ...meant, model: lastSeen().request.model }, toRequestEdits(group));
        const { request } = lastSeen();
        expect(meaning(request), capture.name).toEqual(meaning(expected));
        // Claude takes no temperature but 1 with thinking.
        const free = protocol !== "claude" || meant.thinking?.mode !== "on";
        if (free) expect(request.sampling?.temperature, capture.name).toEqual(expected.sampling?.temperature);
        expect(request.sampling?.maxTokens, capture.name).toEqual(expected.sampling?.maxTokens);
      }
    });
  });

  it("a group's change is the same for every provider", async () => {
    const edited = await startDaemon(perProtocol(provider.url, EDITS["everything at once"]));
    const tool = { description: "d", parameters: { type: "object", properties: {} } };
    const request: UnifiedRequest = {
      model: "model-a",
      system: [{ type: "text", text: "You are Claude." }],
      messages: [userText("hi")],
      tools: [
        { ...tool, name: "Read" },
        { ...tool, name: "WebFetch" },
      ],
      sampling: { temperature: 0.8, maxTokens: 500 },
      stream: true,
    };
    for (const target of PROTOCOLS) {
      const asked = await ask(`${edited.url}/${target}`, protocol, request);
      expect(asked.status).toBe(200);
      const seen = lastSeen().request;
      expect(seen.system ?? [], target).toEqual([]);
      expect(JSON.stringify(seen.messages), target).toMatch(/Be careful\..*hi/);
      expect(JSON.stringify(seen)).not.toContain("You are");
      expect(seen.tools?.map(({ name }) => name)).toEqual(["Read"]);
      expect(seen.sampling?.temperature).toBeCloseTo(0.4);
    }
    await edited.close();
  });

  it("configured parameters have the last word, the target's over the provider's", async () => {
    const config = perProtocol(provider.url);
    for (const one of Object.values(config.providers ?? {}))
      one.params = { x_first: 1, x_both: { a: 1, b: 1 } };
    for (const [name, group] of Object.entries(config.groups ?? {})) {
      const params = { x_second: 2, x_both: { b: 2 }, x_gone: null };
      group.models = { "*": { target: `${name}/model-a`, params } };
    }
    const tuned = await startDaemon(config);
    const body = { ...toBody(protocol, "model-a", true), x_gone: "yes", x_first: 0 };
    for (const target of PROTOCOLS) {
      const path = PATHS[protocol][0].replace("MODEL", "model-a");
      const { status } = await send(`${tuned.url}/${target}${path}`, JSON.stringify(body));
      expect(status).toBe(200);
      expect(lastSeen().body, target).toMatchObject({ x_first: 1, x_second: 2, x_both: { a: 1, b: 2 } });
      expect(lastSeen().body).not.toHaveProperty("x_gone");
    }
    await tuned.close();
  });

  it.each([
    [400, 400],
    [404, 404],
    [413, 413],
    [401, 502],
    [403, 502],
    [500, 500],
    [503, protocol === "claude" ? 529 : 503],
  ])("a provider's HTTP %i is the client's %i, with its message", async (from, to) => {
    for (const stream of [true, false]) {
      script = (_request, { res }) => {
        res.writeHead(from, { "content-type": "application/json" });
        res.end(JSON.stringify(errorBody(protocol, from, "the provider says no")));
        return undefined;
      };
      const got = await chat(protocol, "model-a", stream);
      expect(got.status).toBe(to);
      expect(got.headers.get("content-type")).toContain("application/json");
      expect(Object.keys(JSON.parse(got.bytes.toString()) as object)).toContain("error");
      expect(got.bytes.toString()).toContain("the provider says no");
    }
  });

  it("a provider that says 200 to an error, to nothing and to a page is told by its real status", async () => {
    for (const text of [
      JSON.stringify(errorBody(protocol, 503, "too busy now")),
      "",
      "<html>sign in</html>",
      '{"a":',
    ]) {
      script = sendRaw("application/json", text);
      const got = await chat(protocol, "model-a", false);
      expect(got.status).toBeGreaterThanOrEqual(500);
      expect(got.headers.get("content-type")).toContain("application/json");
      expect(got.bytes.toString()).toMatch(text.includes("too busy") ? "too busy now" : "cannot be read");
    }
  });

  it("a provider that says 200 and then an error as the first thing is told by its real status", async () => {
    const error = errorStream(protocol);
    script = sendRaw(isStreamType[protocol], error);
    const got = await chat(protocol, "model-a", true);
    expect(got.status).toBeGreaterThanOrEqual(400);
    expect(got.headers.get("content-type")).toContain("application/json");
    expect(got.bytes.toString()).toContain("too busy now");
  });

  // At the end of a line, after it, and in the middle of the next one.
  it.each([0, 1, 12])(
    "a connection that breaks in the middle ends the client's stream with an error (%i)",
    async (extra) => {
      let broken: ServerResponse | undefined;
      const text = written(adapter, true);
      const half = text.indexOf("\n", text.indexOf("🌍")) + extra;
      script = (_request, { res }) => {
        broken = res;
        res.writeHead(200, { "content-type": isStreamType[protocol] });
        res.write(text.slice(0, half));
        return undefined;
      };
      const path = PATHS[protocol][0].replace("MODEL", "model-a");
      const response = await fetch(`${daemon.url}/${protocol}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(toBody(protocol, "model-a", true)),
      });
      const reader = response.body?.getReader();
      const pieces: Buffer[] = [];
      const head = (): string => Buffer.concat(pieces).toString("utf8");
      while (!head().includes("Grüße")) {
        pieces.push(Buffer.from((await reader?.read())?.value ?? []));
      }
      broken?.socket?.destroy();
      for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
        pieces.push(Buffer.from(next.value));
      }
      const parser = adapter.provider.createStreamParser({ model: "m", messages: [], stream: true });
      const events = [...parser.push(Buffer.concat(pieces).toString("utf8")), ...parser.end()];
      expect(JSON.stringify(events)).toContain("Grüße");
      const last = events.at(-1);
      expect(last?.type === "error" && last.error.message).toMatch(/^provider 127\.0\.0\.1/);
    },
  );

  it.each(PROTOCOLS)("no secret or cookie of the client's reaches a %s provider", async (target) => {
    const secret = "client-secret-0123456789";
    const headers = {
      authorization: `Bearer ${secret}`,
      "x-api-key": secret,
      "x-goog-api-key": secret,
      "api-key": secret,
      cookie: `session=${secret}`,
      "proxy-authorization": secret,
    };
    for (const stream of [true, false]) {
      const path = PATHS[protocol][stream ? 0 : 1].replace("MODEL", "model-a");
      const url = `${daemon.url}/${target}${path}${path.includes("?") ? "&" : "?"}key=${secret}`;
      const got = await send(url, JSON.stringify(toBody(protocol, "model-a", stream)), headers);
      expect(got.status).toBe(200);
      const { headers: sent, url: asked } = lastSeen();
      expect(`${asked} ${JSON.stringify(sent)}`).not.toContain(secret);
      expect(JSON.stringify(sent)).toContain("sk-test");
    }
    expect(JSON.stringify(daemon.log)).not.toContain(secret);
  });

  it.each(PROTOCOLS)(
    "Claude's beta header goes to a %s provider only from Claude's clients to Claude's",
    async (target) => {
      const headers = {
        "anthropic-beta": "some-beta-2026",
        "x-stainless-lang": "js",
        "user-agent": "client/1",
      };
      const path = PATHS[protocol][0].replace("MODEL", "model-a");
      await send(
        `${daemon.url}/${target}${path}`,
        JSON.stringify(toBody(protocol, "model-a", true)),
        headers,
      );
      const { headers: sent } = lastSeen();
      expect(sent["anthropic-beta"]).toBe(
        protocol === "claude" && target === "claude" ? "some-beta-2026" : undefined,
      );
      expect(sent["x-stainless-lang"]).toBeUndefined();
      expect(sent["user-agent"]).toBe("ccproxy");
    },
  );
});

const EDITS = {
  "enhance the system prompt": { prompt: { mode: "enhance", text: "Be careful." } },
  "replace the system prompt": { prompt: { mode: "replace", text: "Be careful." } },
  "enhance as the user": { prompt: { mode: "enhance", text: "Be careful.", position: "user" } },
  "replace as the user": { prompt: { mode: "replace", text: "Be careful.", position: "user" } },
  "replace words": {
    prompt: {
      mode: "off",
      replace: [
        ["placeholder", "stand-in"],
        ["text", "T"],
        ["", "never"],
        ["Be brief", "$&"],
      ],
    },
  },
  "drop tools": {
    toolFilter: ["write_file", "Bash", "bash", "get_weather", "exec", "apply_patch", "exec_command", "write"],
  },
  "cool down": { temperatureRatio: 0.5 },
  "everything at once": {
    prompt: { mode: "replace", text: "Be careful.", position: "user", replace: [["Claude", "Model"]] },
    toolFilter: ["WebFetch", "read_file"],
    temperatureRatio: 0.5,
  },
} satisfies Record<string, Partial<GroupConfig>>;

/**
 * Where a protocol's own body knows better than its unified form: plain completions have no system text, text to be
 * filled in keeps its frame, and what only that protocol reads goes with the tools it was about.
 */
const OWN_WAY = new Set([
  "openai/completion.json",
  "openai/legacy-functions.json",
  "ollama/generate-suffix.json",
  "gemini/everything.json",
]);

function toRequestEdits({ prompt, toolFilter, temperatureRatio }: Partial<GroupConfig>): RequestEdits {
  return {
    ...(prompt &&
      prompt.mode !== "off" && {
        prompt: { mode: prompt.mode, text: prompt.text ?? "", position: prompt.position ?? "system" },
      }),
    ...(prompt?.replace && { replace: prompt.replace }),
    ...(toolFilter && { dropTools: toolFilter }),
    ...(temperatureRatio !== undefined && { temperatureRatio }),
  };
}

const read = ({ face, body, call }: RequestFixture): UnifiedRequest => face.parseRequest(body, call);

const encode = (protocol: ProtocolName, model: string): string =>
  protocol === "gemini" ? encodeURIComponent(model) : model;

const replaceFirst = (text: string, find: string, put: string): string => text.replace(find, () => put);

/** A provider that sends this and no more. */
const sendRaw =
  (type: string, text: string): Script =>
  (_request, { res }) => {
    res.writeHead(200, { "content-type": type });
    res.end(text);
    return undefined;
  };

/** The answer as a provider of the protocol writes it, naming `model-a`. */
function written({ protocol, client }: Adapter & { client: ClientFace }, stream: boolean): string {
  const path = PATHS[protocol as ProtocolName][stream ? 0 : 1].replace("MODEL", "model-a");
  const call: Call = toCall(path);
  const request = client.parseRequest(toBody(protocol as ProtocolName, "model-a", stream), call);
  const context = toWriteContext(call, request);
  if (!stream) return JSON.stringify(client.writeResponse(foldEvents(answer), context));
  const writer = client.createStreamWriter(context);
  return answer.map((event) => writer.push([event])).join("") + writer.end();
}

/** An error as a provider of the protocol writes it. */
function errorBody(protocol: ProtocolName, code: number, message: string): unknown {
  switch (protocol) {
    case "ollama":
      return { error: message };
    case "claude":
      return { type: "error", error: { type: CLAUDE_TYPES[code], message } };
    case "gemini":
      return { error: { code, message, status: GEMINI_STATUSES[code] } };
    default:
      return { error: { message, type: "some_error", param: null, code: null } };
  }
}

const CLAUDE_TYPES: Record<number, string> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  500: "api_error",
  503: "overloaded_error",
};
const GEMINI_STATUSES: Record<number, string> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  413: "INVALID_ARGUMENT",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

function errorStream(protocol: ProtocolName): string {
  const message = "too busy now";
  switch (protocol) {
    case "ollama":
      return `${JSON.stringify({ error: message })}\n`;
    case "claude":
      return `event: error\ndata: ${JSON.stringify({ type: "error", error: { type: "overloaded_error", message } })}\n\n`;
    case "openai-responses":
      return `event: error\ndata: ${JSON.stringify({ type: "error", code: "server_error", message, sequence_number: 0 })}\n\n`;
    default:
      return `data: ${JSON.stringify(errorBody(protocol, 503, message))}\n\n`;
  }
}
