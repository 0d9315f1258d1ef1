import OpenAI from "openai";
import { standardFunction, standardResponseFormat } from "openai/helpers/standard-schema";
import type {
  ChatCompletion,
  ChatCompletionCreateParamsNonStreaming,
} from "openai/resources/chat/completions";
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
  AWKWARD_NAME,
  startSdkDaemon,
  type SdkDaemon,
} from "../support/sdk-daemon.ts";
import {
  BROKEN,
  HELLO,
  LOOKING,
  PATCH,
  PERSON,
  REFUSAL,
  THOUGHT,
  UNKNOWN_MODEL,
} from "../support/text-script.ts";
import { toStandardSchema } from "../support/to-standard-schema.ts";

let server: SdkDaemon;
beforeAll(async () => {
  server = await startSdkDaemon();
});
afterAll(() => server.close());
// A provider that failed rests, and the next test asks it again.
beforeEach(() => server.daemon.wake());

const model = "model-a";
const user = (content: string) => [{ role: "user" as const, content }];
const weather = {
  type: "function" as const,
  function: { name: "get_weather", description: "Weather of a city", parameters: citySchema, strict: true },
};
const files = {
  type: "function" as const,
  function: {
    name: "list_files",
    parameters: { type: "object", properties: {}, additionalProperties: false },
    strict: true,
  },
};
const PROVIDER_TIME = 1_700_000_000;
const usage = { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 };
/** Reasoning is no field of OpenAI's own; the field is the one most providers use. */
type WithReasoning = { reasoning_content?: string };

const connect = (group: string, maxRetries = 0): OpenAI =>
  new OpenAI({ baseURL: `${server.daemon.url}/${group}/v1`, apiKey: "sk-client", maxRetries });

function expectWhole(answer: ChatCompletion): void {
  expect(answer.id).toMatch(/^chatcmpl-\w{8,}$/);
  expect(answer).toMatchObject({ object: "chat.completion", model, usage });
  expectTime(answer.created);
  expect(answer.choices).toHaveLength(1);
  const [choice] = answer.choices;
  expect(choice).toMatchObject({ index: 0, logprobs: null, message: { role: "assistant" } });
  expect(choice).toHaveProperty("finish_reason");
  for (const field of ["content", "refusal"]) expect(choice?.message).toHaveProperty(field);
  for (const call of choice?.message.tool_calls ?? []) expect(call.id).toMatch(/^\S+$/);
}

/** Seconds, not milliseconds: now, or the provider's own where its bytes are passed through. */
function expectTime(seconds: number | undefined): void {
  expect(Number.isInteger(seconds)).toBe(true);
  expect([PROVIDER_TIME, Date.now() / 1000].some((time) => Math.abs(time - (seconds ?? 0)) < 60)).toBe(true);
}

/** What is the same in every answer to the same question. */
function lasting(answer: ChatCompletion): unknown {
  const { id: _, created: __, object: ___, ...rest } = answer;
  return JSON.parse(JSON.stringify(rest, (key, value: unknown) => (key === "id" ? "call" : value)));
}

const toolCalls = (answer: ChatCompletion) =>
  (answer.choices[0]?.message.tool_calls ?? []).map((call) =>
    call.type === "function" ? [call.function.name, JSON.parse(call.function.arguments)] : [call.type],
  );

describe.each(GROUPS)("the openai SDK's chat completions over a %s provider", (group) => {
  /** Asks whole and by the SDK's stream helper: both must come to the same. */
  async function askBoth(body: ChatCompletionCreateParamsNonStreaming): Promise<ChatCompletion> {
    const whole = await connect(group).chat.completions.parse(body);
    expectWhole(whole);
    expect(whole._request_id).toMatch(/^req_/);
    const stream = connect(group).chat.completions.stream({
      ...body,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(lasting(await stream.finalChatCompletion())).toEqual(lasting(whole));
    return whole;
  }

  it("lists models, tells about one, and knows which there are not", async () => {
    const models = await collect(connect(group).models.list());
    expect(models.map(({ id }) => id)).toEqual(namesOf(group, "model-a", "model-b"));
    for (const entry of [...models, await connect(group).models.retrieve(model)]) {
      expect(entry).toMatchObject({ id: expect.any(String), object: "model", owned_by: expect.any(String) });
      expect(Number.isInteger(entry.created)).toBe(true);
    }
    const error = await failureOf(connect(group).models.retrieve(UNKNOWN_MODEL));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ status: 404, code: "model_not_found" });
  });

  it("text, whole and by the stream helper", async () => {
    const whole = await askBoth({ model, messages: user("hi") });
    expect(whole.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { content: HELLO, refusal: null },
    });
  });

  it("every chunk of a stream is whole in itself", async () => {
    const chunks = await collect(
      connect(group).chat.completions.create({
        model,
        messages: user("hi"),
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    const [first] = chunks;
    expect(first?.id).toMatch(/^chatcmpl-/);
    expectTime(first?.created);
    for (const { id, object, created, model: name } of chunks)
      expect({ id, object, created, name }).toEqual({
        id: first?.id,
        object: "chat.completion.chunk",
        created: first?.created,
        name: model,
      });
    expect(first?.choices[0]?.delta.role).toBe("assistant");
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(HELLO);
    expect(chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? [])).toEqual(["stop"]);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage });
    for (const chunk of chunks.slice(0, -1)) expect(chunk.usage).toBeNull();
  });

  it("a stream without include_usage has no usage and no chunk without choices", async () => {
    const chunks = await collect(
      connect(group).chat.completions.create({ model, messages: user("hi"), stream: true }),
    );
    for (const chunk of chunks) expect(chunk.choices).toHaveLength(1);
    expect(chunks.some((chunk) => chunk.usage)).toBe(false);
  });

  it("system, developer and sampling reach the provider", async () => {
    const text = label("hi");
    const request = connect(group).chat.completions.create({
      model,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "developer", content: [{ type: "text", text: "Be kind." }] },
        { role: "user", content: [{ type: "text", text }] },
      ],
      temperature: 0.2,
      top_p: 0.9,
      max_completion_tokens: 50,
      stop: ["zzz"],
      n: 1,
      user: "somebody",
    });
    const warning = (await request.asResponse()).headers.get("x-ccproxy-warning");
    const { system, sampling } = server.asked(text);
    expect(JSON.stringify(system)).toContain("Be brief.");
    expect(JSON.stringify(system)).toContain("Be kind.");
    expect(sampling).toMatchObject({ temperature: 0.2, maxTokens: 50 });
    // Claude takes only one of the two, the Responses API no stop texts: both is said.
    if (group === "claude") expect(warning).toContain("top_p");
    else expect(sampling?.topP).toBe(0.9);
    if (group === "openai-responses") expect(warning).toContain("stop");
    else expect(sampling?.stop).toEqual(["zzz"]);
  });

  it("a tool call after text", async () => {
    const text = label("WEATHER");
    const whole = await connect(group).chat.completions.create({
      model,
      messages: user(text),
      tools: [weather],
    });
    expect(server.asked(text).tools).toMatchObject([
      { name: "get_weather", description: "Weather of a city" },
    ]);
    expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
    expect(whole.choices[0]?.message.content?.trim()).toBe(LOOKING.trim());
    expect(toolCalls(whole)).toEqual([["get_weather", { city: "Paris" }]]);
    await askBoth({ model, messages: user("WEATHER"), tools: [weather] });
  });

  it("parallel tool calls, each with its own id", async () => {
    const whole = await askBoth({ model, messages: user("TWICE"), tools: [weather] });
    expect(whole.choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
    expect(toolCalls(whole)).toEqual([
      ["get_weather", { city: "Paris" }],
      ["get_weather", { city: "Rome" }],
    ]);
    expect(new Set(whole.choices[0]?.message.tool_calls?.map(({ id }) => id)).size).toBe(2);
  });

  it("a call without arguments has an empty object", async () => {
    const whole = await askBoth({ model, messages: user("NOARGS"), tools: [files] });
    expect(toolCalls(whole)).toEqual([["list_files", {}]]);
  });

  it("results of parallel calls go back with the SDK's own message", async () => {
    const sdk = connect(group);
    const question = user("TWICE");
    const first = await sdk.chat.completions.create({ model, messages: question, tools: [weather] });
    const message = first.choices[0]?.message;
    if (!message?.tool_calls) throw new Error("no calls");
    const results = message.tool_calls.map(({ id }, index) => ({
      role: "tool" as const,
      tool_call_id: id,
      content: `${20 + index} degrees`,
    }));
    const second = await sdk.chat.completions.create({
      model,
      messages: [...question, message, ...results],
      tools: [weather],
    });
    expect(second.choices[0]?.message.content).toMatch(/get_weather=.*20 degrees.*get_weather=.*21 degrees/);
  });

  it.each([false, true])("runTools goes round until there is an answer (stream: %s)", async (stream) => {
    const asked: unknown[] = [];
    const body = {
      model,
      messages: user("TWICE"),
      tools: [
        {
          type: "function" as const,
          function: {
            ...weather.function,
            function: (args: string) => {
              const { city } = JSON.parse(args) as { city: string };
              asked.push(city);
              return `${city}: 21 degrees`;
            },
          },
        },
      ],
    };
    const completions = connect(group).chat.completions;
    const runner = stream
      ? completions.runTools({ ...body, stream: true as const })
      : completions.runTools({ ...body, stream: false as const });
    expect(await runner.finalContent()).toMatch(/Paris: 21 degrees.*Rome: 21 degrees/);
    expect(asked).toEqual(["Paris", "Rome"]);
  });

  it("a function tool with a parser gives parsed arguments", async () => {
    const whole = await connect(group).chat.completions.parse({
      model,
      messages: user("WEATHER"),
      tools: [
        standardFunction({ name: "get_weather", parameters: toStandardSchema<{ city: string }>(citySchema) }),
      ],
    });
    expect(whole.choices[0]?.message.tool_calls).toMatchObject([
      { type: "function", function: { name: "get_weather", parsed_arguments: { city: "Paris" } } },
    ]);
  });

  it("a custom tool is called with its free text", async () => {
    const answer = await connect(group).chat.completions.create({
      model,
      messages: user("PATCH"),
      tools: [{ type: "custom", custom: { name: "apply_patch", description: "Edits files" } }],
    });
    expect(answer.choices[0]?.message.tool_calls).toMatchObject([
      { type: "custom", id: expect.any(String), custom: { name: "apply_patch", input: PATCH } },
    ]);
  });

  it("an image arrives byte for byte", async () => {
    const whole = await connect(group).chat.completions.create({
      model,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "PICTURE" },
            { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}`, detail: "low" } },
          ],
        },
      ],
    });
    expect(whole.choices[0]?.message.content).toBe(`image/png ${PNG}`);
  });

  it("an answer held to a schema is parsed, whole and streamed", async () => {
    const text = label("PERSON");
    const response_format = standardResponseFormat(toStandardSchema<typeof PERSON>(personSchema), "person");
    const whole = await connect(group).chat.completions.parse({
      model,
      messages: user(text),
      response_format,
    });
    expect(whole.choices[0]?.message.parsed).toEqual(PERSON);
    const { output } = server.asked(text);
    expect(output).toMatchObject({ type: "json-schema", schema: { required: ["name", "age", "tags"] } });
    const stream = connect(group).chat.completions.stream({
      model,
      messages: user("PERSON"),
      response_format,
    });
    expect((await stream.finalChatCompletion()).choices[0]?.message.parsed).toEqual(PERSON);
  });

  it("json_object asks for JSON", async () => {
    const text = label("PERSON");
    const whole = await connect(group).chat.completions.create({
      model,
      messages: user(text),
      response_format: { type: "json_object" },
    });
    expect(JSON.parse(whole.choices[0]?.message.content ?? "")).toEqual(PERSON);
    // Claude has no such mode: there it is asked for in words.
    if (group !== "claude") expect(server.asked(text).output).toEqual({ type: "json" });
  });

  it("reasoning effort goes in, thoughts come out, whole and streamed", async () => {
    const text = label("THINK");
    const body = { model, reasoning_effort: "high" as const, max_completion_tokens: 50_000 };
    const whole = await connect(group).chat.completions.create({ ...body, messages: user(text) });
    expect(server.asked(text).thinking).toMatchObject({ mode: "on" });
    const message = whole.choices[0]?.message as { content: string } & WithReasoning;
    expect(message).toMatchObject({ content: HELLO, reasoning_content: THOUGHT });
    const chunks = await collect(
      connect(group).chat.completions.create({ ...body, messages: user("THINK"), stream: true }),
    );
    const deltas = chunks.map(
      (chunk) => (chunk.choices[0]?.delta ?? {}) as { content?: string } & WithReasoning,
    );
    expect(deltas.map((delta) => delta.reasoning_content ?? "").join("")).toBe(THOUGHT);
    expect(deltas.map((delta) => delta.content ?? "").join("")).toBe(HELLO);
  });

  it("cached and thinking tokens are counted in", async () => {
    const body = { model, messages: user("COUNTED") };
    const { usage: counted } = await connect(group).chat.completions.create(body);
    expect(counted).toMatchObject(usage);
    expect(counted?.prompt_tokens_details?.cached_tokens ?? 0).toBe(group === "ollama" ? 0 : 5);
    expect(counted?.completion_tokens_details?.reasoning_tokens ?? 0).toBe(group === "ollama" ? 0 : 3);
  });

  it("finish reasons", async () => {
    const reasonOf = async (text: string) =>
      (await connect(group).chat.completions.create({ model, messages: user(text) })).choices[0];
    expect(await reasonOf("LONG")).toMatchObject({
      finish_reason: "length",
      message: { content: "half an ans" },
    });
    expect(await reasonOf("EMPTY")).toMatchObject({ finish_reason: "stop", message: { content: "" } });
    expect(await reasonOf("STOPWORD")).toMatchObject({
      finish_reason: "stop",
      message: { content: "before" },
    });
    // Ollama has no word for a filtered answer.
    if (group !== "ollama")
      expect(await reasonOf("FILTER")).toMatchObject({ finish_reason: "content_filter" });
    const { message } = (await reasonOf("REFUSE")) ?? {};
    expect(message?.refusal ?? message?.content).toBe(REFUSAL);
  });

  it("an answer cut short is no parsed answer", async () => {
    const response_format = standardResponseFormat(toStandardSchema(personSchema), "person");
    const body = { model, messages: user("LONG"), response_format };
    const { LengthFinishReasonError } = await import("openai/error");
    expect(await failureOf(connect(group).chat.completions.parse(body))).toBeInstanceOf(
      LengthFinishReasonError,
    );
    const stream = connect(group).chat.completions.stream(body);
    expect(await failureOf(stream.finalChatCompletion())).toBeInstanceOf(LengthFinishReasonError);
  });

  it("aborting a stream closes the provider's connection", async () => {
    const text = label("SLOW");
    const abort = new AbortController();
    const stream = await connect(group).chat.completions.create(
      { model, messages: user(text), stream: true },
      { signal: abort.signal },
    );
    let chunks = 0;
    for await (const _ of stream) if (++chunks === 3) abort.abort();
    expect(chunks).toBeGreaterThanOrEqual(3);
    await hungUp(server.seen(text)[0] ?? expect.fail("not asked"));
  });

  it("aborting a whole answer closes the provider's connection", async () => {
    const text = label("SLOW");
    const abort = new AbortController();
    const answer = failureOf(
      connect(group).chat.completions.create({ model, messages: user(text) }, { signal: abort.signal }),
    );
    await expect.poll(() => server.seen(text).length).toBe(1);
    abort.abort();
    expect(await answer).toBeInstanceOf(OpenAI.APIUserAbortError);
    await hungUp(server.seen(text)[0] ?? expect.fail("not asked"));
  });

  it.each([false, true])("an unknown model is a NotFoundError (stream: %s)", async (stream) => {
    const error = await failureOf(
      connect(group).chat.completions.create({ model: UNKNOWN_MODEL, messages: user("hi"), stream }),
    );
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ status: 404, type: "invalid_request_error" });
    expect(error).toHaveProperty("message", expect.stringContaining("404"));
  });

  it.each([false, true])("the provider's errors become the SDK's (stream: %s)", async (stream) => {
    const ask = async (status: number) => {
      await server.daemon.wake();
      const messages = user(`FAIL ${status}`);
      return failureOf(connect(group).chat.completions.create({ model, messages, stream }));
    };
    const limited = await ask(429);
    expect(limited).toBeInstanceOf(OpenAI.RateLimitError);
    expect(limited).toMatchObject({ status: 429, type: "rate_limit_error", code: expect.any(String) });
    expect((limited as InstanceType<typeof OpenAI.RateLimitError>).headers.get("retry-after")).toBe("1");
    for (const status of [503, 529, 500]) {
      const error = await ask(status);
      expect(error).toBeInstanceOf(OpenAI.InternalServerError);
      expect(error).toHaveProperty("message", expect.stringContaining(`provider says ${status}`));
    }
    const wrong = await ask(400);
    expect(wrong).toBeInstanceOf(OpenAI.BadRequestError);
    expect(wrong).toHaveProperty("message", expect.stringContaining("provider says 400"));
  });

  it("an error inside the stream throws, after what came before it", async () => {
    const stream = await connect(group).chat.completions.create({
      model,
      messages: user("BREAK"),
      stream: true,
    });
    let text = "";
    const error = await failureOf(
      (async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
      })(),
    );
    expect(text).toBe("begun ");
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toHaveProperty("message", expect.stringContaining(BROKEN));
    const helper = connect(group).chat.completions.stream({ model, messages: user("BREAK") });
    expect(await failureOf(helper.finalChatCompletion())).toBeInstanceOf(OpenAI.APIError);
  });

  it("legacy completions, whole and streamed", async () => {
    const text = label("hi");
    const whole = await connect(group).completions.create({ model, prompt: text, max_tokens: 20 });
    expect(whole.id).toMatch(/^cmpl-/);
    expectTime(whole.created);
    expect(whole).toMatchObject({
      object: "text_completion",
      model,
      usage,
      choices: [{ text: HELLO, index: 0, logprobs: null, finish_reason: "stop" }],
    });
    const chunks = await collect(connect(group).completions.create({ model, prompt: "hi", stream: true }));
    expect(chunks.map((chunk) => chunk.choices[0]?.text ?? "").join("")).toBe(HELLO);
    expect(chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? [])).toEqual(["stop"]);
    for (const chunk of chunks)
      expect(chunk).toMatchObject({ id: chunks[0]?.id, object: "text_completion", model });
  });
});

it("the openai SDK's own retry comes to an answer, over every provider", () =>
  expectRetries(server, async (group, content) => {
    const { choices } = await connect(group, 2).chat.completions.create({ model, messages: user(content) });
    return choices[0]?.message.content;
  }));

describe("the openai SDK's embeddings", () => {
  it.each(GROUPS.filter((group) => group !== "claude"))("over a %s provider", async (group) => {
    const answer = await connect(group).embeddings.create({ model: "embedder", input: ["a", "bb"] });
    expect(answer).toMatchObject({
      object: "list",
      model: "embedder",
      usage: { prompt_tokens: expect.any(Number), total_tokens: expect.any(Number) },
      data: [
        { object: "embedding", index: 0 },
        { object: "embedding", index: 1 },
      ],
    });
    for (const { embedding, index } of answer.data) {
      const [x = 0, y = 0, z = 0] = embedding;
      // Ollama's vectors have length 1: only their direction is the provider's.
      expect([x / x, y / x, z / x].map((value) => value * (index + 1))).toEqual(
        [index + 1, index + 1, 0.5].map((value) => expect.closeTo(value, 4)),
      );
    }
    const plain = await connect(group).embeddings.create({
      model: "embedder",
      input: "a",
      encoding_format: "float",
    });
    expect(plain.data.map(({ embedding }) => embedding.length)).toEqual([3]);
  });

  it("over a claude provider are refused in a sentence", async () => {
    const error = await failureOf(connect("claude").embeddings.create({ model: "embedder", input: "a" }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ status: 400, code: "no_embeddings", param: "model" });
    expect(error).toHaveProperty("message", expect.stringContaining("no embeddings"));
  });
});

it("a model whose name is awkward in a path, by the openai SDK", async () => {
  expect(await connect("named").models.retrieve(AWKWARD_NAME)).toMatchObject({ id: AWKWARD_NAME });
  const answer = await connect("named").chat.completions.create({
    model: AWKWARD_NAME,
    messages: user("hi"),
  });
  expect(answer).toMatchObject({ model: AWKWARD_NAME, choices: [{ message: { content: HELLO } }] });
});

describe("the openai SDK and a group that has just one model", () => {
  it("asks no provider for another", async () => {
    const sdk = connect("exact");
    expect((await collect(sdk.models.list())).map(({ id }) => id)).toEqual([model]);
    const text = label("hi");
    const chat = await failureOf(sdk.chat.completions.create({ model: "model-b", messages: user(text) }));
    for (const error of [chat, await failureOf(sdk.models.retrieve("model-b"))]) {
      expect(error).toBeInstanceOf(OpenAI.NotFoundError);
      expect(error).toMatchObject({ status: 404, code: "model_not_found", type: "invalid_request_error" });
      expect(error).toHaveProperty("message", expect.stringContaining("model-b"));
    }
    expect(server.seen(text)).toEqual([]);
  });

  it("tells a wrong request by its place", async () => {
    const error = await failureOf(
      connect("exact").chat.completions.create({
        model,
        messages: [{ role: "user", content: 5 as unknown as string }],
      }),
    );
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toHaveProperty("message", expect.stringContaining("messages[0].content"));
  });
});
