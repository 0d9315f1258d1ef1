import OpenAI from "openai";
import { ResponsesToolRunner } from "openai/helpers/responses-tool-runner";
import { standardResponsesFunction, standardTextFormat } from "openai/helpers/standard-schema";
import type {
  Response,
  ResponseCreateParamsNonStreaming,
  ResponseInputItem,
  ResponseOutputItem,
  ResponseStreamEvent,
} from "openai/resources/responses/responses";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  citySchema,
  collect,
  expectRetries,
  failureOf,
  GROUPS,
  hungUp,
  label,
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
  PATCH,
  PERSON,
  REFUSAL,
  SEAL,
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
const weather = {
  type: "function" as const,
  name: "get_weather",
  description: "Weather of a city",
  parameters: citySchema,
  strict: true,
};
const files = {
  type: "function" as const,
  name: "list_files",
  parameters: { type: "object", properties: {}, additionalProperties: false },
  strict: true,
};
const usage = {
  input_tokens: 20,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 7,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 27,
};

const connect = (group: string, maxRetries = 0): OpenAI =>
  new OpenAI({ baseURL: `${server.daemon.url}/${group}/v1`, apiKey: "sk-client", maxRetries });

/** The fields that the SDK's `Response` declares and that are not its own addition. */
const FIELDS = (
  "id object created_at status error incomplete_details instructions metadata model " +
  "output parallel_tool_calls temperature tool_choice tools top_p usage max_output_tokens " +
  "previous_response_id reasoning service_tier text truncation background store"
).split(" ");

function expectWhole(response: Response, status: Response["status"] = "completed"): void {
  for (const field of FIELDS) expect(response).toHaveProperty(field);
  expect(response.id).toMatch(/^resp_\w{8,}$/);
  expect(response).toMatchObject({ object: "response", model, status, error: null });
  expect(Number.isInteger(response.created_at)).toBe(true);
  expect(response.created_at).toBeLessThan(10_000_000_000);
  expect(response.usage).toMatchObject(usage);
  for (const item of response.output) expectItem(item);
  const ids = response.output.map((item) => item.id);
  expect(new Set(ids).size).toBe(ids.length);
}

function expectItem(item: ResponseOutputItem): void {
  switch (item.type) {
    case "message":
      expect(item.id).toMatch(/^msg_/);
      expect(item.role).toBe("assistant");
      expect(["completed", "incomplete"]).toContain(item.status);
      for (const part of item.content) {
        if (part.type === "output_text") expect(part).toMatchObject({ annotations: [], logprobs: [] });
        else expect(part).toMatchObject({ type: "refusal" });
      }
      return;
    case "reasoning":
      expect(item.id).toMatch(/^rs_/);
      expect(item.summary).toBeInstanceOf(Array);
      return;
    case "function_call":
      expect(item.id).toMatch(/^fc_/);
      expect(item).toMatchObject({ call_id: expect.stringMatching(/./), name: expect.stringMatching(/./) });
      expect(item.arguments).toBeTypeOf("string");
      return;
    case "custom_tool_call":
      expect(item).toMatchObject({ call_id: expect.stringMatching(/./), input: expect.any(String) });
      return;
    default:
      expect.fail(`unexpected item ${item.type}`);
  }
}

/** What is the same in every answer to the same question. */
const lasting = (response: Response): unknown =>
  JSON.parse(
    JSON.stringify(response, (key, value: unknown) =>
      ["id", "call_id", "created_at", "completed_at"].includes(key) ? key : value,
    ),
  );

const callsOf = (response: Response) =>
  response.output.flatMap((item) =>
    item.type === "function_call" ? [[item.name, JSON.parse(item.arguments) as unknown]] : [],
  );

describe.each(GROUPS)("the openai SDK's responses over a %s provider", (group) => {
  /** Asks whole and by the SDK's stream helper: both must come to the same. */
  async function askBoth(
    body: ResponseCreateParamsNonStreaming,
    status?: Response["status"],
  ): Promise<Response> {
    const whole = await connect(group).responses.parse(body);
    expectWhole(whole, status);
    const streamed = await connect(group)
      .responses.stream({ ...body, stream: true })
      .finalResponse();
    expectWhole(streamed, status);
    expect(lasting(streamed)).toEqual(lasting(whole));
    return whole;
  }

  it("text, whole and by the stream helper", async () => {
    const text = label("hi");
    const response = await connect(group).responses.create({
      model,
      instructions: "Be brief.",
      input: text,
      max_output_tokens: 64,
      temperature: 0.5,
    });
    expectWhole(response);
    expect(response.output_text).toBe(HELLO);
    const { system, sampling } = server.asked(text);
    expect(JSON.stringify(system)).toContain("Be brief.");
    expect(sampling).toMatchObject({ maxTokens: 64, temperature: 0.5 });
    expect((await askBoth({ model, input: [{ role: "user", content: "hi" }] })).output_text).toBe(HELLO);
  });

  it("the events of a stream are complete and in order", async () => {
    const events = await collect(
      connect(group).responses.create({
        model,
        input: [{ role: "user", content: [{ type: "input_text", text: "hi" }] }],
        stream: true,
      }),
    );
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
    const types = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(types).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const item = events.find((event) => event.type === "response.output_item.done");
    const at = { item_id: item?.item.id, output_index: 0, content_index: 0 };
    let text = "";
    for (const event of events) {
      if (event.type === "response.output_text.delta") {
        expect(event).toMatchObject({ ...at, logprobs: [] });
        text += event.delta;
      } else if (event.type === "response.output_text.done")
        expect(event).toMatchObject({ ...at, text: HELLO });
    }
    expect(text).toBe(HELLO);
    const [created, last] = [events[0], events.at(-1)];
    if (created?.type !== "response.created" || last?.type !== "response.completed")
      throw new Error("no end");
    expect(created.response).toMatchObject({ id: last.response.id, status: "in_progress", output: [] });
    expect(last.response.output).toEqual([item?.item]);
  });

  it("a tool call after text", async () => {
    const text = label("WEATHER");
    const first = await connect(group).responses.create({ model, input: text, tools: [weather] });
    expectWhole(first);
    expect(server.asked(text).tools).toMatchObject([
      { name: "get_weather", description: "Weather of a city" },
    ]);
    expect(first.output_text.trim()).toBe(LOOKING.trim());
    expect(callsOf(first)).toEqual([["get_weather", { city: "Paris" }]]);
    await askBoth({ model, input: "WEATHER", tools: [weather] });
  });

  it("parallel tool calls and a call without arguments", async () => {
    const twice = await askBoth({ model, input: "TWICE", tools: [weather] });
    expect(callsOf(twice)).toEqual([
      ["get_weather", { city: "Paris" }],
      ["get_weather", { city: "Rome" }],
    ]);
    const callIds = twice.output.flatMap((item) => (item.type === "function_call" ? [item.call_id] : []));
    expect(new Set(callIds).size).toBe(2);
    expect(callsOf(await askBoth({ model, input: "NOARGS", tools: [files] }))).toEqual([["list_files", {}]]);
  });

  it("results go back with the answer's own items", async () => {
    const sdk = connect(group);
    const first = await sdk.responses.create({ model, input: "TWICE", tools: [weather] });
    const outputs = first.output.flatMap((item, index): ResponseInputItem[] =>
      item.type === "function_call"
        ? [{ type: "function_call_output", call_id: item.call_id, output: `${20 + index} degrees` }]
        : [],
    );
    const second = await sdk.responses.create({
      model,
      input: [{ role: "user", content: "TWICE" }, ...(first.output as ResponseInputItem[]), ...outputs],
      tools: [weather],
      store: false,
    });
    expect(second.output_text).toMatch(/get_weather=.*20 degrees.*get_weather=.*21 degrees/);
  });

  it.each([false, true])(
    "the SDK's tool runner goes round until there is an answer (stream: %s)",
    async (stream) => {
      const asked: unknown[] = [];
      const runner = new ResponsesToolRunner({
        functions: [
          {
            tool: weather,
            execute: (args) => {
              asked.push(args);
              return `${String(args.city)}: 21 degrees`;
            },
          },
        ],
      });
      const events: ResponseStreamEvent[] = [];
      const params = { model, input: "TWICE" };
      const options = stream
        ? { stream, onEvent: (event: ResponseStreamEvent) => void events.push(event) }
        : {};
      const response = await runner.run(connect(group), params, options);
      expect(asked).toEqual([{ city: "Paris" }, { city: "Rome" }]);
      expect(JSON.stringify(response.output)).toMatch(/Paris: 21 degrees.*Rome: 21 degrees/);
      expect(events.length > 0).toBe(stream);
    },
  );

  it("a function tool with a parser gives parsed arguments", async () => {
    const parameters = toStandardSchema<{ city: string }>(citySchema);
    const response = await connect(group).responses.parse({
      model,
      input: "WEATHER",
      tools: [standardResponsesFunction({ name: "get_weather", parameters })],
    });
    expect(response.output.find((item) => item.type === "function_call")).toMatchObject({
      parsed_arguments: { city: "Paris" },
    });
  });

  it("a custom tool is called with its free text and takes its result", async () => {
    const tools = [
      {
        type: "custom" as const,
        name: "apply_patch",
        description: "Edits files",
        format: { type: "grammar" as const, syntax: "lark" as const, definition: "start: /.+/" },
      },
    ];
    const whole = await askBoth({ model, input: "PATCH", tools });
    expect(whole.output).toMatchObject([{ type: "custom_tool_call", name: "apply_patch", input: PATCH }]);
    const [call] = whole.output;
    if (call?.type !== "custom_tool_call") throw new Error("no call");
    const next = await connect(group).responses.create({
      model,
      tools,
      input: [
        { role: "user", content: "PATCH" },
        call,
        { type: "custom_tool_call_output", call_id: call.call_id, output: "patched" },
      ],
    });
    expect(next.output_text).toContain("apply_patch=");
    expect(next.output_text).toContain("patched");
  });

  it("a tool in a namespace comes back with it and takes its result", async () => {
    const { strict: _, ...nested } = { ...weather, name: "lookup" };
    const tools = [
      { type: "namespace" as const, name: "mcp__maps", description: "Maps", tools: [nested] },
      files,
    ];
    const whole = await askBoth({ model, input: "ANYTOOL", tools });
    expect(whole.output).toMatchObject([{ type: "function_call", name: "lookup", namespace: "mcp__maps" }]);
    expect(callsOf(whole)).toEqual([["lookup", { city: "Paris" }]]);
    expect(whole.tools).toMatchObject([{ type: "namespace", name: "mcp__maps" }, { name: "list_files" }]);
    const [call] = whole.output;
    if (call?.type !== "function_call") throw new Error("no call");
    const next = await connect(group).responses.create({
      model,
      tools,
      input: [
        { role: "user", content: "ANYTOOL" },
        call as ResponseInputItem,
        { type: "function_call_output", call_id: call.call_id, output: "here" },
      ],
    });
    expect(next.output_text).toMatch(/lookup=.*here/);
  });

  it("an image arrives byte for byte", async () => {
    const response = await connect(group).responses.create({
      model,
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "PICTURE" },
            { type: "input_image", image_url: `data:image/png;base64,${PNG}`, detail: "auto" },
          ],
        },
      ],
    });
    expect(response.output_text).toBe(`image/png ${PNG}`);
  });

  it("an answer held to a schema is parsed, whole and streamed", async () => {
    const text = label("PERSON");
    const format = standardTextFormat(toStandardSchema<typeof PERSON>(personSchema), "person");
    const whole = await connect(group).responses.parse({ model, input: text, text: { format } });
    expect(whole.output_parsed).toEqual(PERSON);
    expect(server.asked(text).output).toMatchObject({
      type: "json-schema",
      schema: { required: ["name", "age", "tags"] },
    });
    const stream = connect(group).responses.stream({ model, input: "PERSON", text: { format } });
    expect((await stream.finalResponse()).output_parsed).toEqual(PERSON);
  });

  it("reasoning goes in, a summary comes out, and goes back with the next turn", async () => {
    const text = label("THINK");
    const body = {
      model,
      reasoning: { effort: "high" as const, summary: "auto" as const },
      include: ["reasoning.encrypted_content" as const],
      max_output_tokens: 50_000,
      store: false,
    };
    const whole = await askBoth({ ...body, input: "THINK" });
    expect(whole.output.map(({ type }) => type)).toEqual(["reasoning", "message"]);
    expect(whole.output[0]).toMatchObject({ summary: [{ type: "summary_text", text: THOUGHT }] });
    expect(whole.output_text).toBe(HELLO);
    expect(whole.reasoning).toMatchObject({ effort: "high" });
    const events = await collect(connect(group).responses.create({ ...body, input: text, stream: true }));
    expect(server.asked(text).thinking).toMatchObject({ mode: "on" });
    const deltas = events.map((event) =>
      event.type === "response.reasoning_summary_text.delta" ? event.delta : "",
    );
    expect(deltas.join("")).toBe(THOUGHT);
    const next = await connect(group).responses.create({
      ...body,
      input: [
        { role: "user", content: "THINK" },
        ...(whole.output as ResponseInputItem[]),
        { role: "user", content: "and now?" },
      ],
    });
    expect(next.output_text).toBe(HELLO);
  });

  it("cached and thinking tokens are counted in", async () => {
    const { usage: counted } = await connect(group).responses.create({ model, input: "COUNTED" });
    expect(counted).toMatchObject({ input_tokens: 20, output_tokens: 7, total_tokens: 27 });
    expect(counted?.input_tokens_details.cached_tokens).toBe(group === "ollama" ? 0 : 5);
    expect(counted?.output_tokens_details.reasoning_tokens).toBe(group === "ollama" ? 0 : 3);
  });

  it("answers that are not whole say why", async () => {
    const cut = await askBoth({ model, input: "LONG" }, "incomplete");
    expect(cut).toMatchObject({
      incomplete_details: { reason: "max_output_tokens" },
      output_text: "half an ans",
    });
    // Ollama has no word for a filtered answer.
    if (group !== "ollama") {
      const filtered = await askBoth({ model, input: "FILTER" }, "incomplete");
      expect(filtered.incomplete_details).toEqual({ reason: "content_filter" });
    }
    expect(await askBoth({ model, input: "EMPTY" })).toMatchObject({
      output_text: "",
      incomplete_details: null,
    });
    const refused = await connect(group).responses.create({ model, input: "REFUSE" });
    expect(JSON.stringify(refused.output)).toContain(REFUSAL);
  });

  it("aborting closes the provider's connection, whole and streamed", async () => {
    for (const stream of [true, false]) {
      const text = label("SLOW");
      const abort = new AbortController();
      const { signal } = abort;
      const work = connect(group).responses.create({ model, input: text, stream }, { signal });
      const done = stream
        ? (async () => {
            for await (const event of (await work) as AsyncIterable<ResponseStreamEvent>)
              if (event.type === "response.output_text.delta") abort.abort();
          })()
        : failureOf(work).then((error) => expect(error).toBeInstanceOf(OpenAI.APIUserAbortError));
      await expect.poll(() => server.seen(text).length).toBe(1);
      if (!stream) abort.abort();
      await done;
      await hungUp(server.seen(text)[0] ?? expect.fail("not asked"));
    }
  });

  it.each([false, true])("errors before the answer are the SDK's (stream: %s)", async (stream) => {
    const unknown = await failureOf(
      connect(group).responses.create({ model: UNKNOWN_MODEL, input: "hi", stream }),
    );
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
    const fail = async (status: number) => {
      await server.daemon.wake();
      return failureOf(connect(group).responses.create({ model, input: `FAIL ${status}`, stream }));
    };
    const limited = await fail(429);
    expect(limited).toBeInstanceOf(OpenAI.RateLimitError);
    expect(limited).toMatchObject({ status: 429, code: expect.any(String), type: expect.any(String) });
    for (const status of [503, 529, 500])
      expect(await fail(status)).toBeInstanceOf(OpenAI.InternalServerError);
    expect(await fail(400)).toBeInstanceOf(OpenAI.BadRequestError);
  });

  it("an error inside the stream is a failed response", async () => {
    const events = await collect(connect(group).responses.create({ model, input: "BREAK", stream: true }));
    const last = events.at(-1);
    if (last?.type !== "response.failed") throw new Error(`ended with ${last?.type}`);
    expect(last.response).toMatchObject({ status: "failed", error: { code: expect.any(String) } });
    expect(last.response.error?.message).toContain(BROKEN);
    const helper = await connect(group).responses.stream({ model, input: "BREAK" }).finalResponse();
    expect(helper.status).toBe("failed");
  });
});

describe.each(SEALING)("a thought that a %s provider sealed", (group) => {
  it.each([false, true])(
    "goes back to it as it was through the Responses API (stream: %s)",
    async (stream) => {
      const { responses } = connect(group);
      const include = ["reasoning.encrypted_content" as const];
      const body = {
        model,
        store: false,
        include,
        reasoning: { effort: "high" as const },
        max_output_tokens: 50_000,
      };
      const first = { ...body, input: "SEALED" };
      const { output } = stream
        ? await responses.stream(first).finalResponse()
        : await responses.create(first);
      const text = label("and now?");
      await responses.create({
        ...body,
        input: [
          { role: "user", content: "SEALED" },
          ...(output as ResponseInputItem[]),
          { role: "user", content: text },
        ],
      });
      expect(server.seals(text)).toEqual([{ origin: group, value: SEAL }]);
    },
  );
});

it("the openai SDK's own retry of a response comes to an answer, over every provider", () =>
  expectRetries(
    server,
    async (group, input) => (await connect(group, 2).responses.create({ model, input })).output_text,
  ));

it("a model whose name is awkward in a path, by the Responses API", async () => {
  const response = await connect("named").responses.create({ model: AWKWARD_NAME, input: "hi" });
  expect(response).toMatchObject({ model: AWKWARD_NAME, output_text: HELLO });
});

describe("what only the Responses API of a provider can do", () => {
  it("goes through to one", async () => {
    const text = label("hi");
    await connect("openai-responses").responses.create({
      model,
      input: text,
      previous_response_id: "resp_1",
    });
    expect(server.seen(text)[0]?.body).toMatchObject({ previous_response_id: "resp_1" });
  });

  it("is refused in a sentence where the provider speaks another protocol", async () => {
    const error = await failureOf(
      connect("openai").responses.create({ model, input: "hi", previous_response_id: "resp_1" }),
    );
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({
      code: "previous_response_not_found",
      param: "previous_response_id",
      message: expect.stringContaining("Previous response with id 'resp_1' not found."),
    });
  });
});
