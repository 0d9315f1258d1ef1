import { Ollama, type ChatResponse, type Message, type Tool } from "ollama";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  citySchema,
  collect,
  failureOf,
  GROUPS,
  hungUp,
  label,
  personSchema,
  PNG,
  AWKWARD_NAME,
  startSdkDaemon,
  type SdkDaemon,
} from "../support/sdk-daemon.ts";
import { BROKEN, HELLO, LOOKING, PERSON, REFUSAL, THOUGHT, UNKNOWN_MODEL } from "../support/text-script.ts";

let server: SdkDaemon;
beforeAll(async () => {
  server = await startSdkDaemon();
});
afterAll(() => server.close());
// A provider that failed rests, and the next test asks it again.
beforeEach(() => server.daemon.wake());

const model = "model-a";
const user = (content: string): Message[] => [{ role: "user", content }];
const weather: Tool = {
  type: "function",
  function: { name: "get_weather", description: "Weather of a city", parameters: citySchema },
};
const files: Tool = {
  type: "function",
  function: {
    name: "list_files",
    description: "Lists files",
    parameters: { type: "object", properties: {} },
  },
};
const counts = { prompt_eval_count: 20, eval_count: 7 };
const durations = ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"] as const;

const connect = (group: string): Ollama => new Ollama({ host: `${server.daemon.url}/${group}` });

type Ended = Pick<ChatResponse, (typeof durations)[number] | "done" | "done_reason" | "model" | "created_at">;

/** The last object of an answer, which is the only one of a whole answer. */
function expectEnd(end: Ended | undefined, reason = "stop"): void {
  expect(end).toMatchObject({ model, done: true, done_reason: reason, ...counts });
  expectTime(end?.created_at);
  for (const field of durations) expect(Number.isInteger(end?.[field]), field).toBe(true);
  expect(end?.total_duration).toBeGreaterThan(0);
}

/** The SDK says `Date` and gives the text. */
const expectTime = (time: unknown): void => expect(new Date(String(time)).getTime()).not.toBeNaN();

/** Only what it says: ids, times and durations differ from answer to answer. */
const lasting = ({ message }: { message: Message }): Message =>
  JSON.parse(JSON.stringify(message, (key, value: unknown) => (key === "id" ? undefined : value))) as Message;

const callsOf = ({ message }: { message: Message }) =>
  (message.tool_calls ?? []).map(({ function: call }) => [call.name, call.arguments]);

describe.each(GROUPS)("the Ollama SDK over a %s provider", (group) => {
  /** Asks whole and streamed: all pieces together must be the same. */
  async function askBoth(body: { messages: Message[]; tools?: Tool[]; think?: boolean }, reason?: string) {
    const whole = await connect(group).chat({ model, ...body });
    expectEnd(whole, reason);
    expect(whole.message.role).toBe("assistant");
    const parts = await collect(connect(group).chat({ model, ...body, stream: true }));
    expectEnd(parts.at(-1), reason);
    for (const part of parts.slice(0, -1)) {
      expect(part).toMatchObject({ model, done: false, message: { role: "assistant" } });
      expectTime(part.created_at);
    }
    const join = (field: "content" | "thinking"): string =>
      parts.map(({ message }) => message[field] ?? "").join("");
    const thinking = join("thinking");
    const tool_calls = parts.flatMap(({ message }) => message.tool_calls ?? []);
    const message = {
      role: "assistant",
      content: join("content"),
      ...(thinking !== "" && { thinking }),
      ...(tool_calls.length && { tool_calls }),
    };
    expect(lasting({ message })).toEqual(lasting(whole));
    return whole;
  }

  it("lists models and tells about one", async () => {
    const sdk = connect(group);
    const { models } = await sdk.list();
    expect(models.map(({ name }) => name).sort()).toEqual(["model-a:latest", "model-b:latest"]);
    for (const entry of models) {
      expect(entry.model).toBe(entry.name);
      expect(entry.digest).toMatch(/^[0-9a-f]{64}$/);
      expect(Number.isInteger(entry.size)).toBe(true);
      expectTime(entry.modified_at);
      expectDetails(entry.details);
    }
    const shown = await sdk.show({ model });
    expectDetails(shown.details);
    expectTime(shown.modified_at);
    expect(shown.capabilities).toContain("completion");
    expect(shown.model_info).toMatchObject({ "general.architecture": expect.stringMatching(/./) });
    for (const field of ["license", "modelfile", "parameters", "template"] as const)
      expect(shown[field]).toBeTypeOf("string");
  });

  it("knows which models there are not", async () => {
    const error = await failureOf(connect(group).show({ model: UNKNOWN_MODEL }));
    expect(error).toMatchObject({ name: "ResponseError", status_code: 404 });
    expect(error).toHaveProperty("message", expect.stringContaining(UNKNOWN_MODEL));
  });

  it("version, and what is loaded", async () => {
    expect((await connect(group).version()).version).toMatch(/^\d+\.\d+\.\d+/);
    for (const entry of (await connect(group).ps()).models) {
      expect(entry.digest).toMatch(/^[0-9a-f]{64}$/);
      expectTime(entry.expires_at);
    }
  });

  it("text, whole and streamed", async () => {
    const { message } = await askBoth({ messages: user("hi") });
    expect(message).toEqual({ role: "assistant", content: HELLO });
  });

  it("system and options reach the provider", async () => {
    const text = label("hi");
    await connect(group).chat({
      model,
      messages: [{ role: "system", content: "Be brief." }, ...user(text)],
      options: { temperature: 0.1, num_predict: 50, num_ctx: 4096, seed: 1, top_k: 5, stop: ["zzz"] },
      keep_alive: "5m",
    });
    const { system, sampling } = server.asked(text);
    expect(JSON.stringify(system)).toContain("Be brief.");
    expect(sampling).toMatchObject({ temperature: 0.1, maxTokens: 50 });
  });

  it("a tool call after text", async () => {
    const text = label("WEATHER");
    await connect(group).chat({ model, messages: user(text), tools: [weather] });
    expect(server.asked(text).tools).toMatchObject([
      { name: "get_weather", description: "Weather of a city" },
    ]);
    const whole = await askBoth({ messages: user("WEATHER"), tools: [weather] });
    expect(whole.message.content.trim()).toBe(LOOKING.trim());
    expect(callsOf(whole)).toEqual([["get_weather", { city: "Paris" }]]);
  });

  it("parallel tool calls and a call without arguments", async () => {
    expect(callsOf(await askBoth({ messages: user("TWICE"), tools: [weather] }))).toEqual([
      ["get_weather", { city: "Paris" }],
      ["get_weather", { city: "Rome" }],
    ]);
    expect(callsOf(await askBoth({ messages: user("NOARGS"), tools: [files] }))).toEqual([
      ["list_files", {}],
    ]);
  });

  it("results of parallel calls go back with the answer's own message", async () => {
    const sdk = connect(group);
    const tools = [weather];
    const { message } = await sdk.chat({ model, messages: user("TWICE"), tools });
    const results = (message.tool_calls ?? []).map(({ function: call }) => ({
      role: "tool",
      tool_name: call.name,
      content: `${String(call.arguments.city)}: 21 degrees`,
    }));
    const next = await sdk.chat({ model, messages: [...user("TWICE"), message, ...results], tools });
    expect(next.message.content).toMatch(/get_weather=.*Paris: 21 degrees.*get_weather=.*Rome: 21 degrees/);
  });

  it("an image arrives byte for byte, in a chat and in a prompt", async () => {
    const [first] = user("PICTURE");
    const chat = await connect(group).chat({
      model,
      messages: [{ role: "user", ...first, content: "PICTURE", images: [PNG] }],
    });
    expect(chat.message.content).toBe(`image/png ${PNG}`);
    const images = [new Uint8Array(Buffer.from(PNG, "base64"))];
    const generated = await connect(group).generate({ model, prompt: "PICTURE", images });
    expect(generated.response).toBe(`image/png ${PNG}`);
  });

  it("formats: a schema, and just JSON", async () => {
    const text = label("PERSON");
    const held = await connect(group).chat({ model, messages: user(text), format: personSchema });
    expect(JSON.parse(held.message.content)).toEqual(PERSON);
    expect(server.asked(text).output).toMatchObject({
      type: "json-schema",
      schema: { required: ["name", "age", "tags"] },
    });
    const json = await connect(group).chat({ model, messages: user("PERSON"), format: "json" });
    expect(JSON.parse(json.message.content)).toEqual(PERSON);
  });

  it("thinking goes in and comes out", async () => {
    const text = label("THINK");
    const high = await connect(group).chat({
      model,
      messages: user(text),
      think: "high",
      options: { num_predict: 50_000 },
    });
    expect(high.message).toEqual({ role: "assistant", content: HELLO, thinking: THOUGHT });
    expect(server.asked(text).thinking).toMatchObject({ mode: "on" });
    const { message } = await askBoth({ messages: user("THINK"), think: true });
    expect(message.thinking).toBe(THOUGHT);
    const off = label("hi");
    await connect(group).chat({ model, messages: user(off), think: false });
    expect(server.asked(off).thinking?.mode).not.toBe("on");
  });

  it("generate: whole, streamed, and with a system prompt", async () => {
    const text = label("hi");
    const whole = await connect(group).generate({ model, prompt: text, system: "Be brief." });
    expectEnd(whole);
    expect(whole.response).toBe(HELLO);
    expect(JSON.stringify(server.asked(text).system)).toContain("Be brief.");
    const parts = await collect(connect(group).generate({ model, prompt: "hi", stream: true }));
    expect(parts.map(({ response }) => response ?? "").join("")).toBe(HELLO);
    expectEnd(parts.at(-1));
    const thought = await connect(group).generate({ model, prompt: "THINK", think: true });
    expect(thought).toMatchObject({ response: HELLO, thinking: THOUGHT });
  });

  it("loading a model asks nobody but an Ollama", async () => {
    const before = server.provider.seen.length;
    const loaded = await connect(group).generate({ model, prompt: "", keep_alive: 60 });
    expect(loaded).toMatchObject({ model, done: true, done_reason: "load", response: "" });
    const unloaded = await connect(group).chat({ model, messages: [], keep_alive: 0 });
    expect(unloaded).toMatchObject({ done: true, done_reason: "unload" });
    expect(server.provider.seen).toHaveLength(before + (group === "ollama" ? 2 : 0));
  });

  it("done reasons", async () => {
    const cut = await askBoth({ messages: user("LONG") }, "length");
    expect(cut.message.content).toBe("half an ans");
    expect((await askBoth({ messages: user("EMPTY") })).message.content).toBe("");
    expect((await askBoth({ messages: user("REFUSE") })).message.content).toBe(REFUSAL);
  });

  it("aborting closes the provider's connection", async () => {
    const text = label("SLOW");
    const stream = await connect(group).chat({ model, messages: user(text), stream: true });
    const error = await failureOf(
      (async () => {
        for await (const _ of stream) stream.abort();
      })(),
    );
    expect(error).toHaveProperty("name", "AbortError");
    await hungUp(server.seen(text)[0] ?? expect.fail("not asked"));
  });

  it.each([false, true])("errors before the answer are the SDK's (stream: %s)", async (stream) => {
    const ask = async (text: string, name = model) => {
      await server.daemon.wake();
      const body = { model: name, messages: user(text) };
      const sdk = connect(group);
      return failureOf(stream ? sdk.chat({ ...body, stream: true }) : sdk.chat(body));
    };
    const unknown = await ask("hi", UNKNOWN_MODEL);
    expect(unknown).toMatchObject({ name: "ResponseError", status_code: 404 });
    for (const status of [400, 429, 500, 503]) {
      const error = await ask(`FAIL ${status}`);
      expect(error).toMatchObject({ name: "ResponseError", status_code: status });
      expect(error).toHaveProperty("error", expect.stringContaining(`provider says ${status}`));
    }
    expect(await ask("FAIL 529")).toMatchObject({ name: "ResponseError", status_code: 503 });
  });

  it("an error inside the stream throws, after what came before it", async () => {
    let text = "";
    const error = await failureOf(
      (async () => {
        const stream = await connect(group).chat({ model, messages: user("BREAK"), stream: true });
        for await (const part of stream) text += part.message.content;
      })(),
    );
    expect(error).toHaveProperty("message", expect.stringContaining(BROKEN));
    expect(text).toBe("begun ");
  });

  it("pulling what is there succeeds, whole and streamed", async () => {
    expect(await connect(group).pull({ model })).toMatchObject({ status: "success" });
    const steps = await collect(connect(group).pull({ model, stream: true }));
    expect(steps.at(-1)).toMatchObject({ status: "success" });
  });
});

describe("the Ollama SDK's embeddings", () => {
  const claudeless = GROUPS.filter((group) => group !== "claude");

  it.each(claudeless)("over a %s provider", async (group) => {
    const answer = await connect(group).embed({ model: "embedder", input: ["a", "bb"] });
    expect(answer).toMatchObject({ model: "embedder", total_duration: expect.any(Number) });
    expect(answer.embeddings).toHaveLength(2);
    for (const [index, vector] of answer.embeddings.entries()) {
      expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
      const [x = 0, , z = 0] = vector;
      expect(z / x).toBeCloseTo(0.5 / (index + 1), 4);
    }
    const { embedding } = await connect(group).embeddings({ model: "embedder", prompt: "a" });
    expect(embedding).toHaveLength(3);
  });

  it("over a claude provider are refused in a sentence", async () => {
    const sdk = connect("claude");
    for (const ask of [
      () => sdk.embed({ model: "embedder", input: "a" }),
      () => sdk.embeddings({ model: "embedder", prompt: "a" }),
    ]) {
      const error = await failureOf(ask());
      expect(error).toMatchObject({ name: "ResponseError", status_code: 400 });
      expect(error).toHaveProperty("message", expect.stringContaining("no embeddings"));
    }
  });
});

it("a model with a vendor and a tag in its name, by the Ollama SDK", async () => {
  const sdk = connect("named");
  expect((await sdk.list()).models.map(({ name }) => name)).toEqual([AWKWARD_NAME]);
  expect((await sdk.show({ model: AWKWARD_NAME })).capabilities).toContain("completion");
  const answer = await sdk.chat({ model: AWKWARD_NAME, messages: user("hi") });
  expect(answer).toMatchObject({ model: AWKWARD_NAME, message: { content: HELLO } });
});

describe("the Ollama SDK and a group that has just one model", () => {
  it("asks no provider for another", async () => {
    const sdk = connect("exact");
    const text = label("hi");
    for (const ask of [
      () => sdk.chat({ model: "model-b", messages: user(text) }),
      () => sdk.generate({ model: "model-b", prompt: text }),
      () => sdk.show({ model: "model-b" }),
      () => sdk.embed({ model: "model-b", input: text }),
    ]) {
      const error = await failureOf(ask());
      expect(error).toMatchObject({ name: "ResponseError", status_code: 404 });
      expect(error).toHaveProperty("message", expect.stringContaining("model-b"));
    }
    // In the words that Ollama has for it.
    const missing = await failureOf(sdk.pull({ model: "model-b" }));
    expect(missing).toHaveProperty("message", expect.stringContaining("pull model manifest"));
    expect(server.seen(text)).toEqual([]);
  });

  it("copies an alias and deletes it again", async () => {
    const sdk = connect("exact");
    await sdk.copy({ source: model, destination: "mine" });
    const names = async () => (await sdk.list()).models.map(({ name }) => name).sort();
    expect(await names()).toEqual(["mine:latest", "model-a:latest"]);
    expect((await sdk.chat({ model: "mine", messages: user("hi") })).message.content).toBe(HELLO);
    await sdk.delete({ model: "mine" });
    expect(await names()).toEqual(["model-a:latest"]);
  });
});

function expectDetails(details: object): void {
  expect(details).toMatchObject({
    parent_model: expect.any(String),
    format: expect.stringMatching(/./),
    family: expect.stringMatching(/./),
    families: [expect.any(String)],
    parameter_size: expect.stringMatching(/./),
    quantization_level: expect.stringMatching(/./),
  });
}
