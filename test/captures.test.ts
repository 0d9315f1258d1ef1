import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapters } from "../adapters/index.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import { perProtocol, PROTOCOLS, startDaemon, type TestDaemon } from "./support/daemon.ts";
import { loadRequests, type RequestFixture } from "./support/fixtures.ts";
import { startScriptedProvider, type ScriptedProvider } from "./support/scripted-provider.ts";

/** What real clients send, through every provider protocol: nothing of it is lost, and each gets an answer. */
const captures = adapters.flatMap(loadRequests);
const chats = captures.filter(({ call }) => call.job === "chat");
const answer: StreamEvent[] = [
  { type: "start" },
  { type: "text-delta", text: "Understood." },
  { type: "finish", reason: "stop", usage: { inputTokens: 3, outputTokens: 2 } },
];

let provider: ScriptedProvider;
let daemon: TestDaemon;

beforeAll(async () => {
  provider = await startScriptedProvider(() => answer);
  daemon = await startDaemon(perProtocol(provider.url));
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});

it("there are captures of every protocol", () => {
  expect(new Set(chats.map(({ protocol }) => protocol))).toEqual(new Set(PROTOCOLS));
});

describe.each(PROTOCOLS)("written for %s", (target) => {
  const face = adapters.find(({ protocol }) => protocol === target)?.provider;

  it.each(captures.map((capture) => [capture.name, capture] as const))("%s", (_name, capture) => {
    const request = { ...read(capture), model: "model-a" };
    if ((request.nativeOnly !== undefined && capture.protocol !== target) || isEmpty(request)) return;
    const wire = face?.buildRequest(request);
    const text = JSON.stringify(wire?.body);
    expect(JSON.parse(text)).toEqual(wire?.body);
    expectPlain(wire?.body, "body");
    expect(JSON.stringify(face?.buildRequest(request)), "the same request is written in the same way").toBe(
      JSON.stringify(wire),
    );
    // Within a protocol what was sent stands as it was sent: see the contract.
    if (capture.protocol === target) return;
    for (const said of textsOf(request)) expect(text).toContain(JSON.stringify(said).slice(1, -1));
    const names = toolNames(wire?.body);
    expect(names).toHaveLength(request.tools?.length ?? 0);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z_][\w.:-]{0,63}$/);
  });
});

describe.each(PROTOCOLS)("through the daemon to %s", (target) => {
  it.each(chats.map((capture) => [capture.name, capture] as const))("%s", async (_name, capture) => {
    const { status, text } = await send(`/${target}`, capture);
    const meant = read(capture);
    if (meant.nativeOnly !== undefined && capture.protocol !== target) return expect(status).toBe(400);
    expect([status, text]).toEqual([200, expect.anything()]);
    if (isEmpty(meant)) return;
    expect(text).toContain("Understood.");
    const seen = provider.seen.at(-1)?.request;
    expect(seen?.tools?.length ?? 0).toBe(meant.tools?.length ?? 0);
  });

  it.each(chats.map((capture) => [capture.name, capture] as const))(
    "with emulated tools, %s",
    async (_name, capture) => {
      const meant = read(capture);
      if (meant.nativeOnly !== undefined) return;
      const { status, text } = await send(`/${target}/compat_mode`, capture);
      expect([status, text]).toEqual([200, expect.anything()]);
      if (isEmpty(meant)) return;
      expect(text).toContain("Understood.");
      const seen = provider.seen.at(-1);
      expect(seen?.request?.tools ?? []).toEqual([]);
      expect(seen?.request?.toolChoice).toBeUndefined();
      const told = JSON.stringify(seen?.request);
      for (const { name } of meant.tools ?? []) expect(told).toContain(name);
      for (const message of seen?.request?.messages ?? []) {
        expect(message.role).not.toBe("tool");
        for (const part of message.content) expect(part.type).not.toBe("tool-call");
      }
    },
  );
});

const read = ({ face, body, call }: RequestFixture): UnifiedRequest => face.parseRequest(body, call);

/** Ollama's load and unload ask nobody. */
const isEmpty = (request: UnifiedRequest): boolean => request.messages.length === 0;

async function send(prefix: string, { path, body }: RequestFixture) {
  const response = await fetch(daemon.url + prefix + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

/** Everything that was said: system text, messages, calls' arguments, results. */
function textsOf({ system = [], messages }: UnifiedRequest): string[] {
  const parts = [...system, ...messages.flatMap((message) => message.content as { type: string }[])];
  return parts.flatMap(texts).filter((text) => text !== "");
}

function texts(part: { type: string; text?: string; content?: { type: string }[] }): string[] {
  if (part.type === "text") return [(part.text ?? "").trim()];
  return part.type === "tool-result" ? (part.content ?? []).flatMap(texts) : [];
}

/** Names of the tools in a body of any protocol. */
function toolNames(body: Record<string, unknown> | undefined): string[] {
  const tools = (body?.tools ?? []) as Record<string, unknown>[];
  return tools.flatMap((tool) => {
    const { functionDeclarations } = tool as { functionDeclarations?: { name: string }[] };
    if (functionDeclarations) return functionDeclarations.map(({ name }) => name);
    // A tool the provider runs itself has a type of its own.
    const inner = (tool.function ?? tool) as { name?: string };
    return inner.name === undefined || isServerTool(tool) ? [] : [inner.name];
  });
}

const isServerTool = ({ type }: Record<string, unknown>): boolean =>
  typeof type === "string" && !["function", "custom"].includes(type);

/** No value that JSON cannot hold: `undefined` would vanish, NaN would become null. */
function expectPlain(value: unknown, where: string): void {
  if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) expectPlain(item, `${where}.${key}`);
    return;
  }
  if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) {
    expect.fail(`${where} is ${String(value)}`);
  }
}
