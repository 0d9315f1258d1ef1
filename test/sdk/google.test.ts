import {
  ApiError,
  FinishReason,
  FunctionCallingConfigMode,
  GoogleGenAI,
  ThinkingLevel,
  Type,
  type CallableTool,
  type Content,
  type GenerateContentConfig,
  type GenerateContentResponse,
  type Part,
} from "@google/genai";
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

const model = "model-a";
const weather = { name: "get_weather", description: "Weather of a city", parametersJsonSchema: citySchema };
const tools = [{ functionDeclarations: [weather] }];
const usage = { promptTokenCount: 20, totalTokenCount: 27 };

interface Connection {
  apiVersion?: string;
  attempts?: number;
}

function connect(group: string, { apiVersion, attempts }: Connection = {}): GoogleGenAI {
  return new GoogleGenAI({
    apiKey: "sk-client",
    httpOptions: {
      baseUrl: `${server.daemon.url}/${group}`,
      ...(apiVersion !== undefined && { apiVersion }),
      ...(attempts !== undefined && {
        // Google's SDK does not wait for as long as it is told; the provider wants a second.
        retryOptions: { attempts, initialDelay: 0.6, jitter: 0 },
      }),
    },
  });
}

function expectWhole(response: GenerateContentResponse, reason = "STOP"): void {
  expect(response.responseId).toMatch(/\w{8,}/);
  expect(response.modelVersion).toBe(model);
  expect(response.usageMetadata).toMatchObject(usage);
  expect(response.candidates).toHaveLength(1);
  const [candidate] = response.candidates ?? [];
  expect(candidate).toMatchObject({ content: { role: "model" }, finishReason: reason });
  expect(candidate?.content?.parts?.length).toBeGreaterThan(0);
}

const partsOf = (response: GenerateContentResponse | undefined): Part[] =>
  response?.candidates?.[0]?.content?.parts ?? [];

const callsOf = (responses: GenerateContentResponse[]) =>
  responses.flatMap((response) => (response.functionCalls ?? []).map(({ name, args }) => [name, args]));

/** Texts of one kind as one, so that pieces compare with the whole; ids differ from answer to answer. */
function join(parts: Part[]): Part[] {
  const joined: Part[] = [];
  for (const { thoughtSignature: _, ...part } of parts) {
    const last = joined.at(-1);
    if (part.functionCall) joined.push({ functionCall: { ...part.functionCall, id: "id" } });
    else if (last?.text !== undefined && last.thought === part.thought) last.text += part.text ?? "";
    else if (part.text !== "") joined.push({ ...part });
  }
  return joined;
}

describe.each(GROUPS)("the Google SDK over a %s provider", (group) => {
  /** Asks whole and streamed: all chunks together must be the same. */
  async function askBoth(contents: string, config: GenerateContentConfig = {}, reason?: string) {
    const whole = await connect(group).models.generateContent({ model, contents, config });
    expectWhole(whole, reason);
    const chunks = await collect(connect(group).models.generateContentStream({ model, contents, config }));
    expect(join(chunks.flatMap(partsOf))).toEqual(join(partsOf(whole)));
    const reasons = chunks.flatMap((chunk) => chunk.candidates?.[0]?.finishReason ?? []);
    expect(reasons).toEqual([whole.candidates?.[0]?.finishReason]);
    expect(chunks.at(-1)?.usageMetadata).toMatchObject(usage);
    expect(new Set(chunks.map(({ responseId }) => responseId)).size).toBe(1);
    return whole;
  }

  it.each(["v1", "v1beta", "v1alpha"])("lists models and tells about one (%s)", async (apiVersion) => {
    const sdk = connect(group, { apiVersion });
    const listed = await collect(await sdk.models.list());
    expect(listed.map(({ name }) => name)).toEqual(
      namesOf(group, "model-a", "model-b").map((name) => `models/${name}`),
    );
    const one = await sdk.models.get({ model });
    expect(one).toMatchObject({ name: `models/${model}`, displayName: expect.any(String), version: "001" });
    expect(one.supportedActions).toContain("generateContent");
    expect(await failureOf(sdk.models.get({ model: UNKNOWN_MODEL }))).toMatchObject({
      name: "ApiError",
      status: 404,
    });
  });

  it("text, whole and streamed, in every version of the API", async () => {
    expect((await askBoth("hi")).text).toBe(HELLO);
    for (const apiVersion of ["v1", "v1beta", "v1alpha"]) {
      const response = await connect(group, { apiVersion }).models.generateContent({ model, contents: "hi" });
      expect(response.text).toBe(HELLO);
    }
  });

  it("system instruction and sampling reach the provider", async () => {
    const text = label("hi");
    await connect(group).models.generateContent({
      model,
      contents: [{ role: "user", parts: [{ text }] }],
      config: {
        systemInstruction: "Be brief.",
        temperature: 0.1,
        maxOutputTokens: 200,
        stopSequences: ["zzz"],
        topK: 10,
      },
    });
    const { system, sampling } = server.asked(text);
    expect(JSON.stringify(system)).toContain("Be brief.");
    expect(sampling).toMatchObject({ temperature: 0.1, maxTokens: 200 });
  });

  it("a tool call after text, declared in either kind of schema", async () => {
    const whole = await askBoth("WEATHER", { tools });
    expect(callsOf([whole])).toEqual([["get_weather", { city: "Paris" }]]);
    expect(partsOf(whole)[0]?.text?.trim()).toBe(LOOKING.trim());
    const text = label("WEATHER");
    const parameters = { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ["city"] };
    const response = await connect(group).models.generateContent({
      model,
      contents: text,
      config: {
        tools: [
          { functionDeclarations: [{ name: "get_weather", description: "Weather of a city", parameters }] },
        ],
        toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
      },
    });
    expect(callsOf([response])).toEqual([["get_weather", { city: "Paris" }]]);
    const [tool] = server.asked(text).tools ?? [];
    expect(tool).toMatchObject({ name: "get_weather", description: "Weather of a city" });
    // Google's names of types are in capitals, all others' are not.
    expect(tool?.parameters).toMatchObject({ type: "object", properties: { city: { type: "string" } } });
  });

  it("parallel tool calls and a call without arguments", async () => {
    const twice = await askBoth("TWICE", { tools });
    expect(callsOf([twice])).toEqual([
      ["get_weather", { city: "Paris" }],
      ["get_weather", { city: "Rome" }],
    ]);
    const none = await askBoth("NOARGS", { tools: [{ functionDeclarations: [{ name: "list_files" }] }] });
    expect(callsOf([none])).toEqual([["list_files", {}]]);
  });

  it("results of parallel calls go back with the answer's own content", async () => {
    const sdk = connect(group);
    const question: Content = { role: "user", parts: [{ text: "TWICE" }] };
    const first = await sdk.models.generateContent({ model, contents: [question], config: { tools } });
    const results = (first.functionCalls ?? []).map(({ id, name, args }) => ({
      functionResponse: {
        ...(id !== undefined && { id }),
        name,
        response: { output: `${String(args?.city)}: 21 degrees` },
      },
    }));
    const content = first.candidates?.[0]?.content;
    if (!content) throw new Error("no content");
    const contents = [question, content, { role: "user", parts: results }];
    const next = await sdk.models.generateContent({ model, contents, config: { tools } });
    expect(next.text).toMatch(/get_weather=.*Paris: 21 degrees.*get_weather=.*Rome: 21 degrees/);
  });

  it.each([false, true])("automatic calls go round until there is an answer (stream: %s)", async (stream) => {
    const asked: unknown[] = [];
    const callable: CallableTool = {
      tool: async () => ({ functionDeclarations: [weather] }),
      callTool: async (calls) =>
        calls.map(({ id, name, args }) => {
          asked.push(args);
          return {
            functionResponse: { id, name, response: { output: `${String(args?.city)}: 21 degrees` } },
          };
        }),
    };
    const body = { model, contents: "TWICE", config: { tools: [callable] } };
    const { models } = connect(group);
    const responses = stream
      ? await collect(models.generateContentStream(body))
      : [await models.generateContent(body)];
    const text = join(responses.flatMap(partsOf)).map((part) => part.text ?? "");
    expect(text.join("")).toMatch(/Paris: 21 degrees.*Rome: 21 degrees/);
    expect(asked).toEqual([{ city: "Paris" }, { city: "Rome" }]);
  });

  it("a chat keeps its history", async () => {
    const chat = connect(group).chats.create({ model });
    expect((await chat.sendMessage({ message: "hi" })).text).toBe(HELLO);
    const text = label("again");
    const chunks = await collect(chat.sendMessageStream({ message: text }));
    expect(chunks.map((chunk) => chunk.text ?? "").join("")).toBe(HELLO);
    expect(server.asked(text).messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(chat.getHistory().length).toBeGreaterThanOrEqual(4);
  });

  it("an image arrives byte for byte", async () => {
    const parts = [{ inlineData: { mimeType: "image/png", data: PNG } }, { text: "PICTURE" }];
    const response = await connect(group).models.generateContent({
      model,
      contents: [{ role: "user", parts }],
    });
    expect(response.text).toBe(`image/png ${PNG}`);
  });

  it("an answer held to either kind of schema", async () => {
    const text = label("PERSON");
    const responseMimeType = "application/json";
    const ask = async (contents: string, config: GenerateContentConfig) =>
      JSON.parse(
        (await connect(group).models.generateContent({ model, contents, config })).text ?? "",
      ) as unknown;
    expect(await ask(text, { responseMimeType, responseJsonSchema: personSchema })).toEqual(PERSON);
    const required = ["name", "age", "tags"];
    expect(server.asked(text).output).toMatchObject({ type: "json-schema", schema: { required } });
    const openApi = label("PERSON");
    const responseSchema = {
      type: Type.OBJECT,
      properties: {
        name: { type: Type.STRING },
        age: { type: Type.INTEGER },
        tags: { type: Type.ARRAY, items: { type: Type.STRING } },
      },
      required,
    };
    expect(await ask(openApi, { responseMimeType, responseSchema })).toEqual(PERSON);
    const { output } = server.asked(openApi);
    expect(output).toMatchObject({
      schema: { type: "object", properties: { age: { type: "integer" } }, required },
    });
  });

  it("thinking goes in and comes out, and back in with the next turn", async () => {
    const text = label("THINK");
    const config = { maxOutputTokens: 8000, thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } };
    const whole = await askBoth("THINK", config);
    expect(join(partsOf(whole))).toEqual([{ text: THOUGHT, thought: true }, { text: HELLO }]);
    expect(whole.text).toBe(HELLO);
    const levelled = {
      ...config,
      thinkingConfig: { includeThoughts: true, thinkingLevel: ThinkingLevel.HIGH },
    };
    await connect(group).models.generateContent({ model, contents: text, config: levelled });
    expect(server.asked(text).thinking).toMatchObject({ mode: "on" });
    const contents: Content[] = [
      { role: "user", parts: [{ text: "THINK" }] },
      { role: "model", parts: partsOf(whole) },
      { role: "user", parts: [{ text: "and now?" }] },
    ];
    expect((await connect(group).models.generateContent({ model, contents, config })).text).toBe(HELLO);
  });

  it("cached and thinking tokens are counted", async () => {
    const { usageMetadata } = await connect(group).models.generateContent({ model, contents: "COUNTED" });
    expect(usageMetadata).toMatchObject(usage);
    const {
      cachedContentTokenCount = 0,
      candidatesTokenCount = 0,
      thoughtsTokenCount = 0,
    } = usageMetadata ?? {};
    expect(cachedContentTokenCount).toBe(group === "ollama" ? 0 : 5);
    expect(thoughtsTokenCount).toBe(group === "ollama" ? 0 : 3);
    // Google counts thoughts beside the answer, all others within it.
    expect(candidatesTokenCount + thoughtsTokenCount).toBe(7);
  });

  it("finish reasons", async () => {
    expect((await askBoth("LONG", {}, FinishReason.MAX_TOKENS)).text).toBe("half an ans");
    expect((await askBoth("EMPTY")).text ?? "").toBe("");
    expect(partsOf(await connect(group).models.generateContent({ model, contents: "REFUSE" }))).toMatchObject(
      [{ text: REFUSAL }],
    );
    // Ollama has no word for a filtered answer.
    if (group !== "ollama") await askBoth("FILTER", {}, FinishReason.SAFETY);
  });

  it("tokens are counted without asking the provider", async () => {
    const text = label("count me");
    const { totalTokens } = await connect(group).models.countTokens({ model, contents: text });
    expect(totalTokens).toBeGreaterThan(0);
    expect(server.seen(text)).toEqual([]);
  });

  it("aborting closes the provider's connection, whole and streamed", async () => {
    const streamed = label("SLOW");
    const first = new AbortController();
    const error = await failureOf(
      (async () => {
        const config = { abortSignal: first.signal };
        for await (const _ of await connect(group).models.generateContentStream({
          model,
          contents: streamed,
          config,
        }))
          first.abort();
      })(),
    );
    expect(error).toHaveProperty("name", "AbortError");
    await hungUp(server.seen(streamed)[0] ?? expect.fail("not asked"));

    const whole = label("SLOW");
    const second = new AbortController();
    const config = { abortSignal: second.signal };
    const answer = failureOf(connect(group).models.generateContent({ model, contents: whole, config }));
    await expect.poll(() => server.seen(whole).length).toBe(1);
    second.abort();
    await answer;
    await hungUp(server.seen(whole)[0] ?? expect.fail("not asked"));
  });

  it.each([false, true])("errors before the answer are the SDK's (stream: %s)", async (stream) => {
    const ask = async (contents: string, name = model) => {
      await server.daemon.wake();
      const { models } = connect(group);
      const body = { model: name, contents };
      return failureOf(stream ? models.generateContentStream(body) : models.generateContent(body));
    };
    const expectError = (error: unknown, status: number, word: string): void => {
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ status });
      expect(JSON.parse((error as ApiError).message)).toMatchObject({
        error: { code: status, status: word, message: expect.stringMatching(/./) },
      });
    };
    expectError(await ask("hi", UNKNOWN_MODEL), 404, "NOT_FOUND");
    expectError(await ask("FAIL 400"), 400, "INVALID_ARGUMENT");
    expectError(await ask("FAIL 429"), 429, "RESOURCE_EXHAUSTED");
    expectError(await ask("FAIL 500"), 500, "INTERNAL");
    expectError(await ask("FAIL 503"), 503, "UNAVAILABLE");
    expectError(await ask("FAIL 529"), 503, "UNAVAILABLE");
  });

  it("an error inside the stream throws, after what came before it", async () => {
    let text = "";
    const error = await failureOf(
      (async () => {
        const stream = await connect(group).models.generateContentStream({ model, contents: "BREAK" });
        for await (const chunk of stream) text += chunk.text ?? "";
      })(),
    );
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toHaveProperty("message", expect.stringContaining(BROKEN));
    expect("begun ").toContain(text);
  });
});

describe.each(SEALING)("a thought that a %s provider sealed", (group) => {
  it.each([false, true])("goes back to it as it was through the Google SDK (stream: %s)", async (stream) => {
    const { models } = connect(group);
    const config = { maxOutputTokens: 8000, thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } };
    const first = { model, contents: "SEALED", config };
    const parts = stream
      ? (await collect(models.generateContentStream(first))).flatMap(partsOf)
      : partsOf(await models.generateContent(first));
    const text = label("and now?");
    const contents: Content[] = [
      { role: "user", parts: [{ text: "SEALED" }] },
      { role: "model", parts },
      { role: "user", parts: [{ text }] },
    ];
    await models.generateContent({ model, contents, config });
    expect(server.seals(text)).toContainEqual({ origin: group, value: SEAL });
  });
});

it("the Google SDK's own retry comes to an answer, over every provider", () =>
  expectRetries(
    server,
    async (group, contents) =>
      (await connect(group, { attempts: 3 }).models.generateContent({ model, contents })).text,
  ));

describe("the Google SDK's embeddings", () => {
  it.each(GROUPS.filter((group) => group !== "claude"))("over a %s provider", async (group) => {
    const { embeddings } = await connect(group).models.embedContent({
      model: "embedder",
      contents: ["a", "bb"],
    });
    expect(embeddings).toHaveLength(2);
    for (const [index, { values = [] }] of (embeddings ?? []).entries()) {
      const [x = 0, , z = 0] = values;
      // Ollama's vectors have length 1: only their direction is the provider's.
      expect(z / x).toBeCloseTo(0.5 / (index + 1), 4);
    }
    const one = await connect(group).models.embedContent({ model: "embedder", contents: "a" });
    expect(one.embeddings).toHaveLength(1);
  });

  it("over a claude provider are refused in a sentence", async () => {
    const error = await failureOf(
      connect("claude").models.embedContent({ model: "embedder", contents: "a" }),
    );
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining("no embeddings") });
  });
});

it("a model whose name is awkward in a path, by the Google SDK", async () => {
  const { models } = connect("named");
  expect(await models.get({ model: AWKWARD_NAME })).toMatchObject({ name: `models/${AWKWARD_NAME}` });
  const response = await models.generateContent({ model: AWKWARD_NAME, contents: "hi" });
  expect(response).toMatchObject({ modelVersion: AWKWARD_NAME, text: HELLO });
  const chunks = await collect(
    models.generateContentStream({ model: `models/${AWKWARD_NAME}`, contents: "hi" }),
  );
  expect(chunks.map((chunk) => chunk.text ?? "").join("")).toBe(HELLO);
});

describe("the Google SDK and a group that has just one model", () => {
  it("asks no provider for another", async () => {
    const { models } = connect("exact");
    expect((await collect(await models.list())).map(({ name }) => name)).toEqual([`models/${model}`]);
    const text = label("hi");
    const body = { model: "model-b", contents: text };
    for (const ask of [
      () => models.generateContent(body),
      () => models.generateContentStream(body),
      () => models.countTokens(body),
      () => models.get({ model: "model-b" }),
    ]) {
      const error = await failureOf(ask());
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ status: 404, message: expect.stringContaining("model-b") });
    }
    expect(server.seen(text)).toEqual([]);
  });
});
