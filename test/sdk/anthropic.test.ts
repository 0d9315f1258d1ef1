import Anthropic from "@anthropic-ai/sdk";
import { betaTool } from "@anthropic-ai/sdk/helpers/beta/json-schema";
import { jsonSchemaOutputFormat } from "@anthropic-ai/sdk/helpers/json-schema";
import type {
  ContentBlock,
  Message,
  MessageCreateParamsNonStreaming,
  RawMessageStreamEvent,
  ToolUseBlock,
} from "@anthropic-ai/sdk/resources/messages";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  citySchema,
  collect,
  expectRetries,
  failureOf,
  GROUPS,
  hungUp,
  label,
  namesOf,
  personSchema,
  PNG,
  SEALING,
  AWKWARD_NAME,
  startSdkDaemon,
  type SdkDaemon,
} from "../support/sdk-daemon.ts";
import {
  BROKEN,
  HELLO,
  LOOKING,
  PERSON,
  REFUSAL,
  SEAL,
  THOUGHT,
  UNKNOWN_MODEL,
} from "../support/text-script.ts";

let server: SdkDaemon;
beforeAll(async () => {
  server = await startSdkDaemon();
});
afterAll(() => server.close());
// A provider that failed rests, and the next test asks it again.
beforeEach(() => server.daemon.wake());

const base = { model: "model-a", max_tokens: 300 };
const user = (content: string) => [{ role: "user" as const, content }];
const weather = { name: "get_weather", description: "Weather of a city", input_schema: citySchema };
const files = { name: "list_files", input_schema: { type: "object" as const, properties: {} } };
const usage = {
  input_tokens: 20,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 7,
};

const connect = (group: string, maxRetries = 0): Anthropic =>
  new Anthropic({ baseURL: `${server.daemon.url}/${group}`, apiKey: "sk-client", maxRetries });

function expectWhole(message: Message): void {
  expect(message.id).toMatch(/^msg_\w{8,}$/);
  expect(message).toMatchObject({ type: "message", role: "assistant", model: base.model, usage });
  for (const field of ["stop_reason", "stop_sequence", "stop_details"]) expect(message).toHaveProperty(field);
  for (const block of message.content) expectBlock(block);
}

function expectBlock(block: ContentBlock): void {
  switch (block.type) {
    case "text":
      return expect(block.text).toMatch(/[^]/);
    case "thinking":
      expect(block.thinking).toBeTypeOf("string");
      return expect(block.signature).toBeTypeOf("string");
    case "tool_use":
      // Claude itself takes no other ids back.
      expect(block.id).toMatch(/^[a-zA-Z0-9_-]+$/);
      expect(block.name).toMatch(/./);
      return expect(block.input).toBeTypeOf("object");
    default:
      return expect.fail(`unexpected block ${block.type}`);
  }
}

/** What is the same in every answer to the same question. */
const lasting = (message: Message): unknown =>
  JSON.parse(JSON.stringify(message, (key, value: unknown) => (key === "id" ? "id" : value)));

const textOf = (message: { content: { type: string }[] }): string =>
  message.content.map((block) => ("text" in block ? String(block.text) : "")).join("");

const callsOf = (message: Message) =>
  message.content.flatMap((block) => (block.type === "tool_use" ? [[block.name, block.input]] : []));

describe.each(GROUPS)("the Anthropic SDK over a %s provider", (group) => {
  /** Asks whole and by the SDK's stream helper: both must come to the same. */
  async function askBoth(
    body: Pick<MessageCreateParamsNonStreaming, "messages"> & Partial<MessageCreateParamsNonStreaming>,
  ): Promise<Message> {
    const whole = await connect(group).messages.parse({ ...base, ...body });
    expectWhole(whole);
    const streamed = await connect(group)
      .messages.stream({ ...base, ...body, stream: true })
      .finalMessage();
    expectWhole(streamed);
    expect(lasting(streamed)).toEqual(lasting(whole));
    return whole;
  }

  it("lists models, tells about one, and knows which there are not", async () => {
    const models = await collect(connect(group).models.list({ limit: 100 }));
    expect(models.map(({ id }) => id)).toEqual(namesOf(group, "model-a", "model-b"));
    for (const entry of [...models, await connect(group).models.retrieve(base.model)]) {
      expect(entry).toMatchObject({
        type: "model",
        display_name: expect.stringMatching(/./),
        lifecycle: "active",
      });
      expect(new Date(entry.created_at).getTime()).not.toBeNaN();
      for (const field of [
        "capabilities",
        "max_input_tokens",
        "max_tokens",
        "line",
        "deprecated_at",
        "retires_at",
      ])
        expect(entry).toHaveProperty(field);
    }
    const error = await failureOf(connect(group).models.retrieve(UNKNOWN_MODEL));
    expect(error).toBeInstanceOf(Anthropic.NotFoundError);
    expect(error).toMatchObject({ status: 404, type: "not_found_error", errorCode: "model_not_found" });
  });

  it("text, whole and by the stream helper", async () => {
    const whole = await askBoth({ messages: user("hi") });
    expect(whole).toMatchObject({
      content: [{ type: "text", text: HELLO }],
      stop_reason: "end_turn",
      stop_sequence: null,
    });
    const stream = connect(group).messages.stream({ ...base, messages: user("hi") });
    let text = "";
    stream.on("text", (delta) => (text += delta));
    expect(await stream.finalText()).toBe(HELLO);
    expect(text).toBe(HELLO);
    expect(stream.request_id).toMatch(/^req_/);
  });

  it("the events of a stream are complete and in order", async () => {
    const events = await collect(
      connect(group).messages.create({ ...base, messages: user("WEATHER"), tools: [weather], stream: true }),
    );
    const types = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    const block = ["content_block_start", "content_block_delta", "content_block_stop"];
    expect(types).toEqual(["message_start", ...block, ...block, "message_delta", "message_stop"]);
    const [start] = events;
    if (start?.type !== "message_start") throw new Error("no start");
    expect(start.message).toMatchObject({ content: [], stop_reason: null, stop_sequence: null });
    expect(start.message.usage.input_tokens).toBeTypeOf("number");
    expect(events.flatMap((event) => ("index" in event ? [event.index] : []))).toEqual(
      events.flatMap((event, at) => (at === 0 ? [] : "index" in event ? [indexAt(events, at)] : [])),
    );
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: "tool_use", stop_sequence: null },
      usage: { input_tokens: 20, output_tokens: 7 },
    });
  });

  it("system, cache marks and sampling reach the provider", async () => {
    const text = label("hi");
    const cache_control = { type: "ephemeral" as const };
    // Gone from the newest SDK's types, sent by all older ones.
    const sampling = { temperature: 0.2 };
    await connect(group).messages.create({
      ...base,
      system: [{ type: "text", text: "Be brief.", cache_control }],
      messages: [{ role: "user", content: [{ type: "text", text, cache_control }] }],
      ...sampling,
      stop_sequences: ["zzz"],
      metadata: { user_id: "somebody" },
    });
    const asked = server.asked(text);
    expect(JSON.stringify(asked.system)).toContain("Be brief.");
    expect(asked.sampling).toMatchObject({ temperature: 0.2, maxTokens: 300 });
    if (group === "claude") expect(server.seen(text)[0]?.body).toMatchObject({ system: [{ cache_control }] });
  });

  it("a system message within the conversation stays where it stood", async () => {
    const text = label("hi");
    const answer = await connect(group).messages.create({
      ...base,
      messages: [
        { role: "user", content: text },
        { role: "system", content: [{ type: "text", text: "Stay brief." }] },
      ],
    });
    expect(textOf(answer)).toBe(HELLO);
    const body = JSON.stringify(server.seen(text)[0]?.body);
    expect(body).toContain("Stay brief.");
    expect(body.indexOf("Stay brief.")).toBeGreaterThan(body.indexOf(text));
  });

  it("a bearer token instead of a key", async () => {
    const baseURL = `${server.daemon.url}/${group}`;
    const sdk = new Anthropic({ baseURL, authToken: "token", apiKey: null, maxRetries: 0 });
    expect(textOf(await sdk.messages.create({ ...base, messages: user("hi") }))).toBe(HELLO);
  });

  it("a tool call after text", async () => {
    const text = label("WEATHER");
    const tools = [weather];
    const first = await connect(group).messages.create({
      ...base,
      messages: user(text),
      tools,
      tool_choice: { type: "auto", disable_parallel_tool_use: true },
    });
    expectWhole(first);
    expect(first._request_id).toMatch(/^req_/);
    expect(server.asked(text).tools).toMatchObject([
      { name: "get_weather", description: "Weather of a city" },
    ]);
    expect(first.stop_reason).toBe("tool_use");
    expect(textOf(first).trim()).toBe(LOOKING.trim());
    expect(callsOf(first)).toEqual([["get_weather", { city: "Paris" }]]);
    await askBoth({ messages: user("WEATHER"), tools });
    const stream = connect(group).messages.stream({ ...base, messages: user("WEATHER"), tools });
    let json = "";
    stream.on("inputJson", (piece) => (json += piece));
    await stream.done();
    expect(JSON.parse(json)).toEqual({ city: "Paris" });
  });

  it("parallel tool calls and a call without arguments", async () => {
    const twice = await askBoth({ messages: user("TWICE"), tools: [weather] });
    expect(callsOf(twice)).toEqual([
      ["get_weather", { city: "Paris" }],
      ["get_weather", { city: "Rome" }],
    ]);
    expect(new Set(twice.content.map((block) => (block as ToolUseBlock).id)).size).toBe(2);
    const none = await askBoth({ messages: user("NOARGS"), tools: [files] });
    expect(callsOf(none)).toEqual([["list_files", {}]]);
  });

  it("results of parallel calls go back with the answer's own content", async () => {
    const sdk = connect(group);
    const tools = [weather];
    const first = await sdk.messages.create({ ...base, messages: user("TWICE"), tools });
    const results = first.content.flatMap((block, index) =>
      block.type === "tool_use"
        ? [
            {
              type: "tool_result" as const,
              tool_use_id: block.id,
              content: [{ type: "text" as const, text: `${20 + index} degrees` }],
              is_error: index === 1,
            },
          ]
        : [],
    );
    const messages = [...user("TWICE"), { role: "assistant" as const, content: first.content }];
    const second = await sdk.messages.create({
      ...base,
      messages: [...messages, { role: "user", content: results }],
      tools,
    });
    expect(textOf(second)).toMatch(/get_weather=20 degrees[^]*get_weather=[^]*21 degrees/);
  });

  it.each([false, true])(
    "the tool runner goes round until there is an answer (stream: %s)",
    async (stream) => {
      const asked: unknown[] = [];
      const tool = betaTool({
        name: "get_weather",
        description: "Weather of a city",
        inputSchema: { ...citySchema, required: ["city"] },
        run: (args) => {
          asked.push(args);
          return `${String(args.city)}: 21 degrees`;
        },
      });
      const body = { ...base, messages: user("TWICE"), tools: [tool] };
      const runner = stream
        ? connect(group).beta.messages.toolRunner({ ...body, stream: true as const })
        : connect(group).beta.messages.toolRunner({ ...body, stream: false as const });
      expect(textOf(await runner.runUntilDone())).toMatch(/Paris: 21 degrees.*Rome: 21 degrees/);
      expect(asked).toEqual([{ city: "Paris" }, { city: "Rome" }]);
    },
  );

  it("an image arrives byte for byte", async () => {
    const answer = await connect(group).messages.create({
      ...base,
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
            { type: "text", text: "PICTURE" },
          ],
        },
      ],
    });
    expect(textOf(answer)).toBe(`image/png ${PNG}`);
  });

  it("an answer held to a schema is parsed, whole and streamed", async () => {
    const text = label("PERSON");
    const output_config = { format: jsonSchemaOutputFormat(personSchema) };
    const whole = await connect(group).messages.parse({ ...base, messages: user(text), output_config });
    expect(whole.parsed_output).toEqual(PERSON);
    expect(server.asked(text).output).toMatchObject({
      type: "json-schema",
      schema: { required: ["name", "age", "tags"] },
    });
    const stream = connect(group).messages.stream({ ...base, messages: user("PERSON"), output_config });
    expect((await stream.finalMessage()).parsed_output).toEqual(PERSON);
  });

  it("thinking goes in and comes out, and back in with the next turn", async () => {
    const text = label("THINK");
    const thinking = { type: "enabled" as const, budget_tokens: 1024 };
    const whole = await askBoth({ max_tokens: 4000, thinking, messages: user("THINK") });
    expect(whole.content).toMatchObject([
      { type: "thinking", thinking: THOUGHT, signature: expect.any(String) },
      { type: "text", text: HELLO },
    ]);
    const stream = connect(group).messages.stream({
      ...base,
      max_tokens: 4000,
      thinking,
      messages: user(text),
    });
    let thoughts = "";
    stream.on("thinking", (delta) => (thoughts += delta));
    await stream.done();
    expect(thoughts).toBe(THOUGHT);
    expect(server.asked(text).thinking).toMatchObject({ mode: "on" });
    const messages = [
      ...user("THINK"),
      { role: "assistant" as const, content: whole.content },
      ...user("and now?"),
    ];
    const next = await connect(group).messages.create({ ...base, max_tokens: 4000, thinking, messages });
    expect(textOf(next)).toBe(HELLO);
  });

  it("cached tokens are counted beside the others", async () => {
    const { usage: counted } = await connect(group).messages.create({ ...base, messages: user("COUNTED") });
    const cached = group === "ollama" ? 0 : 5;
    expect(counted).toMatchObject({
      input_tokens: 20 - cached,
      cache_read_input_tokens: cached,
      cache_creation_input_tokens: 0,
      output_tokens: 7,
    });
  });

  it("adaptive thinking with an effort", async () => {
    const text = label("hi");
    const body = { ...base, max_tokens: 4000, messages: user(text) };
    await connect(group).messages.create({
      ...body,
      thinking: { type: "adaptive" },
      output_config: { effort: "low" },
    });
    expect(server.asked(text).thinking).toMatchObject({ mode: "on" });
  });

  it("stop reasons", async () => {
    const cut = await askBoth({ messages: user("LONG") });
    expect(cut).toMatchObject({ stop_reason: "max_tokens", content: [{ text: "half an ans" }] });
    // Only Claude says which of the stop sequences it met.
    const stopped = await askBoth({ messages: user("STOPWORD"), stop_sequences: ["###"] });
    if (group === "claude")
      expect(stopped).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "###" });
    else expect(stopped.stop_reason).toMatch(/^(end_turn|stop_sequence)$/);
    // Ollama has no word for a filtered answer.
    if (group !== "ollama") {
      const filtered = await askBoth({ messages: user("FILTER") });
      expect(filtered).toMatchObject({ stop_reason: "refusal" });
      if (group !== "claude") expect(filtered.stop_details).toMatchObject({ type: "refusal" });
    }
    expect(await askBoth({ messages: user("EMPTY") })).toMatchObject({
      content: [],
      stop_reason: "end_turn",
    });
    expect(textOf(await askBoth({ messages: user("REFUSE") }))).toBe(REFUSAL);
  });

  it("tokens are counted without asking the provider", async () => {
    const text = label("count me");
    const sdk = connect(group);
    const { input_tokens } = await sdk.messages.countTokens({ model: base.model, messages: user(text) });
    expect(input_tokens).toBeGreaterThan(0);
    expect(server.seen(text)).toEqual([]);
    const more = await sdk.messages.countTokens({
      model: base.model,
      messages: user(text),
      tools: [weather],
    });
    expect(more.input_tokens).toBeGreaterThan(input_tokens);
  });

  it("beta messages with fields of Claude's own", async () => {
    const answer = await connect(group).beta.messages.create({
      ...base,
      messages: user("hi"),
      betas: ["context-management-2025-06-27"],
      context_management: { edits: [{ type: "clear_tool_uses_20250919" }] },
    });
    expect(textOf(answer)).toBe(HELLO);
    const stream = connect(group).beta.messages.stream({
      ...base,
      messages: user("hi"),
      betas: ["some-beta"],
    });
    expect(textOf(await stream.finalMessage())).toBe(HELLO);
  });

  it("aborting closes the provider's connection, whole and streamed", async () => {
    const streamed = label("SLOW");
    const stream = connect(group).messages.stream({ ...base, messages: user(streamed) });
    stream.on("text", () => stream.abort());
    expect(await failureOf(stream.done())).toBeInstanceOf(Anthropic.APIUserAbortError);
    await hungUp(server.seen(streamed)[0] ?? expect.fail("not asked"));

    const whole = label("SLOW");
    const abort = new AbortController();
    const { signal } = abort;
    const answer = failureOf(connect(group).messages.create({ ...base, messages: user(whole) }, { signal }));
    await expect.poll(() => server.seen(whole).length).toBe(1);
    abort.abort();
    expect(await answer).toBeInstanceOf(Anthropic.APIUserAbortError);
    await hungUp(server.seen(whole)[0] ?? expect.fail("not asked"));
  });

  it.each([false, true])("errors before the answer are the SDK's (stream: %s)", async (stream) => {
    const ask = async (text: string, model = base.model) => {
      await server.daemon.wake();
      return failureOf(connect(group).messages.create({ ...base, model, messages: user(text), stream }));
    };
    const unknown = await ask("hi", UNKNOWN_MODEL);
    expect(unknown).toBeInstanceOf(Anthropic.NotFoundError);
    expect(unknown).toMatchObject({ status: 404, type: "not_found_error" });
    const limited = await ask("FAIL 429");
    expect(limited).toBeInstanceOf(Anthropic.RateLimitError);
    expect(limited).toMatchObject({ status: 429, type: "rate_limit_error" });
    expect((limited as InstanceType<typeof Anthropic.RateLimitError>).headers.get("retry-after")).toBe("1");
    const overloaded = await ask("FAIL 529");
    expect(overloaded).toBeInstanceOf(Anthropic.APIError);
    expect(overloaded).toMatchObject({ status: 529, type: "overloaded_error" });
    for (const status of [503, 500]) {
      const error = await ask(`FAIL ${status}`);
      expect(error).toBeInstanceOf(Anthropic.InternalServerError);
      expect(error).toHaveProperty("message", expect.stringContaining(`provider says ${status}`));
    }
    const wrong = await ask("FAIL 400");
    expect(wrong).toBeInstanceOf(Anthropic.BadRequestError);
    expect(wrong).toMatchObject({
      type: "invalid_request_error",
      apiMessage: expect.stringContaining("400"),
    });
  });

  it("an error inside the stream throws, after what came before it", async () => {
    let text = "";
    const stream = connect(group).messages.stream({ ...base, messages: user("BREAK") });
    stream.on("text", (delta) => (text += delta));
    const error = await failureOf(stream.finalMessage());
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({ message: expect.stringContaining(BROKEN) });
    expect(text).toBe("begun ");
  });
});

describe.each(SEALING)("a thought that a %s provider sealed", (group) => {
  it.each([false, true])(
    "goes back to it as it was through the Anthropic SDK (stream: %s)",
    async (stream) => {
      const body = { ...base, max_tokens: 4000, thinking: { type: "enabled" as const, budget_tokens: 1024 } };
      const sdk = connect(group);
      const first = { ...body, messages: user("SEALED") };
      const { content } = stream
        ? await sdk.messages.stream(first).finalMessage()
        : await sdk.messages.create(first);
      const text = label("and now?");
      const messages = [...first.messages, { role: "assistant" as const, content }, ...user(text)];
      await sdk.messages.create({ ...body, messages });
      expect(server.seals(text)).toEqual([{ origin: group, value: SEAL }]);
    },
  );
});

it("the Anthropic SDK's own retry comes to an answer, over every provider", () =>
  expectRetries(server, async (group, content) =>
    textOf(await connect(group, 2).messages.create({ ...base, messages: user(content) })),
  ));

it("a model whose name is awkward in a path, by the Anthropic SDK", async () => {
  const model = AWKWARD_NAME;
  expect(await connect("named").models.retrieve(model)).toMatchObject({ id: model });
  const answer = await connect("named").messages.create({ ...base, model, messages: user("hi") });
  expect(answer).toMatchObject({ model, content: [{ text: HELLO }] });
});

describe("the Anthropic SDK and a group that has just one model", () => {
  it("asks no provider for another", async () => {
    const sdk = connect("exact");
    expect((await collect(sdk.models.list())).map(({ id }) => id)).toEqual([base.model]);
    const other = { ...base, model: "model-b" };
    const text = label("hi");
    for (const ask of [
      () => sdk.messages.create({ ...other, messages: user(text) }),
      () => sdk.messages.countTokens({ model: "model-b", messages: user(text) }),
      () => sdk.models.retrieve("model-b"),
    ]) {
      const error = await failureOf(ask());
      expect(error).toBeInstanceOf(Anthropic.NotFoundError);
      expect(error).toMatchObject({ status: 404, type: "not_found_error", errorCode: "model_not_found" });
    }
    expect(server.seen(text)).toEqual([]);
  });
});

/** The index of the block that is open at an event: blocks are numbered in the order of their starts. */
const indexAt = (events: RawMessageStreamEvent[], at: number): number =>
  events.slice(0, at + 1).filter(({ type }) => type === "content_block_start").length - 1;
