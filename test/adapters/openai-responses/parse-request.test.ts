import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { call, client, listOf, loadRequest, parse, parseFixture, provider } from "./load.ts";

const names = (request: { tools?: { name: string }[] }) => request.tools?.map(({ name }) => name);

describe("trap 26: Codex", () => {
  it("reads a model it does not know: developer messages, one namespace, a hosted tool", () => {
    const request = parseFixture("codex-fallback-model.turn1");
    expect(request.system).toHaveLength(3);
    expect(request.messages.map(({ role }) => role)).toEqual(["user", "user"]);
    expect(names(request)).toEqual([
      ..."exec_command write_stdin request_user_input view_image".split(" "),
      ..."close_agent resume_agent send_input spawn_agent wait_agent get_goal create_goal update_goal".split(
        " ",
      ),
    ]);
    expect(request.tools?.find(({ name }) => name === "spawn_agent")).toMatchObject({
      namespace: "multi_agent_v1",
      strict: false,
    });
    expect(request.serverTools).toEqual([
      {
        origin: "openai-responses",
        name: "web_search",
        body: { type: "web_search", external_web_access: true },
      },
    ]);
    expect(request).toMatchObject({ stream: true, toolChoice: "auto", parallelTools: true });
    // A summary without an effort asks for no thinking.
    expect(request.thinking).toBeUndefined();
    expect(request.nativeOnly).toBeUndefined();
  });

  it("reads gpt-5.5: a custom tool with its grammar, and thinking", () => {
    const request = parseFixture("codex-freeform-patch.turn2");
    expect(request.tools?.find(({ name }) => name === "apply_patch")).toMatchObject({
      kind: "custom",
      format: { type: "grammar", syntax: "lark" },
    });
    expect(request.serverTools?.map(({ name }) => name)).toEqual(["web_search"]);
    expect(request.thinking).toEqual({ mode: "on", effort: "medium", visible: true });
    expect(request.messages.slice(2)).toEqual([
      {
        role: "assistant",
        content: [
          {
            type: "thinking",
            text: "Let me think about it. The user wants something simple.",
            signature: { origin: "openai-responses", value: "bW9jaw==" },
          },
          {
            type: "tool-call",
            id: "call_0001",
            name: "apply_patch",
            args: expect.stringMatching(/^\{"input":"\*\*\* Begin Patch\\n/),
          },
        ],
      },
      {
        role: "tool",
        content: [
          {
            type: "tool-result",
            id: "call_0001",
            name: "apply_patch",
            content: [{ type: "text", text: expect.stringMatching(/^Exit code: 0/) }],
          },
        ],
      },
    ]);
  });

  it("reads code mode: tools in an input item, structured output", () => {
    const request = parseFixture("codex-code-mode.turn2");
    expect(names(request)).toContain("exec");
    expect(request.tools).toHaveLength(11);
    expect(request.messages.slice(2)).toMatchObject([
      { role: "assistant", content: [{ type: "thinking" }, { type: "tool-call", name: "exec" }] },
      { role: "tool", content: [{ name: "exec", content: [{ type: "text" }, { type: "text" }] }] },
    ]);
    expect(request.parallelTools).toBe(false);
  });

  it("reads images and a schema for the answer", () => {
    const image = parseFixture("codex-image.turn1").messages.at(-1);
    expect(image?.content[1]).toMatchObject({
      mimeType: "image/png",
      source: { kind: "base64" },
      detail: "high",
    });
    expect(parseFixture("codex-json-schema.turn1").output).toMatchObject({
      type: "json-schema",
      name: "codex_output_schema",
      strict: true,
    });
  });
});

it("opencode: messages without type, a limit, unmodelled fields kept", () => {
  const request = parseFixture("opencode-responses.turn2");
  expect(request.system).toHaveLength(1);
  expect(request.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  expect(request.sampling).toEqual({ maxTokens: 8192 });
  expect(request.extra?.["openai-responses"]).toMatchObject({ store: false, prompt_cache_key: "ses_0001" });
});

it("tools that share a name get their namespace in front, past calls too", () => {
  const tool = (name: string) => ({ type: "function", name });
  const space = (name: string) => ({
    type: "namespace",
    name,
    description: name,
    tools: [tool("run"), tool(`only_${name}`)],
  });
  const request = parse({
    model: "m",
    tools: [tool("run"), space("a"), space("b")],
    tool_choice: { type: "function", name: "run", namespace: "b" },
    input: [
      { type: "function_call", call_id: "1", name: "run", namespace: "a", arguments: "{}" },
      { type: "function_call", call_id: "2", name: "run", arguments: "{}" },
      { type: "function_call", call_id: "3", name: "only_b", arguments: "{}" },
      { type: "function_call", call_id: "4", name: "gone", namespace: "c", arguments: { a: 1 } },
    ],
  });
  expect(names(request)).toEqual(["run", "a__run", "only_a", "b__run", "only_b"]);
  expect(request.toolChoice).toEqual({ name: "b__run" });
  expect(request.messages[0]?.content).toMatchObject([
    { name: "a__run" },
    { name: "run" },
    { name: "only_b" },
    { name: "gone", args: '{"a":1}' },
  ]);
});

it("every kind of input item", () => {
  const request = parse({
    model: "m",
    instructions: "Be brief.",
    input: [
      { role: "system", content: "One." },
      { role: "user", content: "Hi" },
      { role: "developer", content: [{ type: "input_text", text: "Two." }] },
      {
        role: "user",
        content: [
          { type: "input_image", image_url: "https://a/b.jpg" },
          { type: "input_file", filename: "a.pdf", file_data: "JVBERi0=" },
          { type: "input_file", file_url: "https://a/doc" },
          { type: "input_audio", input_audio: { data: "UklG", format: "mp3" } },
          { type: "from_the_future", text: "kept" },
          { type: "from_the_future" },
        ],
      },
      { type: "reasoning", id: "rs_1", summary: [] },
      { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "Raw." }] },
      {
        role: "assistant",
        content: [
          { type: "output_text", text: "Well" },
          { type: "refusal", refusal: "no" },
        ],
      },
      { type: "local_shell_call", call_id: "s1", action: { type: "exec", command: ["ls"] } },
      { type: "function_call", call_id: "f1", name: "f", arguments: "" },
      { type: "local_shell_call_output", call_id: "s1", output: "a.txt" },
      {
        type: "function_call_output",
        call_id: "f1",
        output: [
          { type: "input_text", text: "x" },
          { type: "input_image", image_url: "data:image/jpg;base64,AA==" },
        ],
      },
      { type: "web_search_call", id: "ws_1" },
      { type: "item_reference", id: "msg_1" },
      { id: "msg_2" },
      { type: "constructor" },
    ],
  });
  expect(request.system?.map(({ text }) => text)).toEqual(["Be brief.", "One."]);
  const carried = request.messages
    .at(-1)
    ?.content.map((part) => ("native" in part ? part.native?.body : part));
  expect(carried).toEqual([
    { type: "web_search_call", id: "ws_1" },
    { type: "item_reference", id: "msg_1" },
    { id: "msg_2" },
    { type: "constructor" },
  ]);
  expect(withoutNatives(request.messages.slice(0, -1))).toEqual([
    { role: "user", content: [{ type: "text", text: "Hi" }] },
    { role: "system", content: [{ type: "text", text: "Two." }] },
    {
      role: "user",
      content: [
        { type: "media", mimeType: "image/jpeg", source: { kind: "url", url: "https://a/b.jpg" } },
        {
          type: "media",
          mimeType: "application/pdf",
          source: { kind: "base64", data: "JVBERi0=" },
          name: "a.pdf",
        },
        { type: "media", mimeType: "application/pdf", source: { kind: "url", url: "https://a/doc" } },
        { type: "media", mimeType: "audio/mpeg", source: { kind: "base64", data: "UklG" } },
        { type: "text", text: "kept" },
      ],
    },
    {
      role: "assistant",
      content: [
        { type: "thinking", text: "Raw." },
        { type: "text", text: "Well" },
        { type: "text", text: "no" },
        { type: "tool-call", id: "s1", name: "local_shell", args: '{"type":"exec","command":["ls"]}' },
        { type: "tool-call", id: "f1", name: "f", args: "" },
      ],
    },
    {
      role: "tool",
      content: [
        { type: "tool-result", id: "s1", name: "local_shell", content: [{ type: "text", text: "a.txt" }] },
        {
          type: "tool-result",
          id: "f1",
          name: "f",
          content: [
            { type: "text", text: "x" },
            { type: "media", mimeType: "image/jpeg", source: { kind: "base64", data: "AA==" } },
          ],
        },
      ],
    },
  ]);
});

it.each([
  ["auto", "auto"],
  ["none", "none"],
  ["required", "required"],
  [{ type: "function", name: "f" }, { name: "f" }],
  [{ type: "custom", name: "c" }, { name: "c" }],
  [{ type: "web_search_preview" }, "auto"],
  [{ type: "mcp", server_label: "x" }, "auto"],
  [{ type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "f" }] }, "required"],
])("trap 24: tool_choice %j", (tool_choice, expected) => {
  const tools = [{ type: "function", name: "f" }, { type: "custom", name: "c" }, { type: "web_search" }];
  const request = parse({ model: "m", input: "x", tools, tool_choice });
  expect(request.toolChoice).toEqual(expected);
  const allowed = typeof tool_choice === "object" && tool_choice.type === "allowed_tools";
  expect(names(request)).toEqual(allowed ? ["f"] : ["f", "c"]);
});

it("trap 13: tool_choice without tools is dropped", () => {
  const request = parse({
    model: "m",
    input: "x",
    tools: [],
    tool_choice: "required",
    parallel_tool_calls: true,
  });
  expect(request).not.toHaveProperty("toolChoice");
  expect(request).not.toHaveProperty("tools");
  expect(request).not.toHaveProperty("parallelTools");
});

it.each([
  [{ effort: "none", summary: "auto" }, { mode: "off" }],
  [{ effort: "xhigh" }, { mode: "on", effort: "xhigh", visible: false }],
  [
    { effort: "high", summary: "detailed" },
    { mode: "on", effort: "high", visible: true },
  ],
  [{ effort: "ultra" }, { mode: "on", visible: false }],
  [{ effort: null, summary: "auto" }, undefined],
])("reasoning %j", (reasoning, thinking) => {
  expect(parse({ model: "m", input: "x", reasoning }).thinking).toEqual(thinking);
});

it.each([
  [{ previous_response_id: "resp_1", input: "x" }, /^Previous response with id 'resp_1' not found\.$/],
  [{ previous_response_id: "resp_1" }, /^Previous response /],
  [{ conversation: "conv_1", input: "x" }, /^conversation: /],
  [{ prompt: { id: "p" } }, /^prompt: /],
  [
    { input: [{ role: "user", content: [{ type: "input_image", file_id: "f" }] }] },
    /^input\[0\]\.content\[0\]\.file_id: /,
  ],
  [{ input: [{ type: "compaction", encrypted_content: "x" }] }, /^input\[0\]: /],
])("fact 17: %j can only be served by its own provider", (body, sentence) => {
  const request = parse({ model: "m", ...body });
  expect(request.nativeOnly).toMatch(sentence);
});

it.each([
  [{ input: "x" }, "model"],
  [{ model: "m" }, "input"],
  [{ model: "m", input: 5 }, "input"],
  [{ model: "m", input: ["x"] }, "input[0]"],
  [{ model: "m", input: [{ role: "bot", content: "x" }] }, "input[0].role"],
  [{ model: "m", input: [{ role: "user", content: 5 }] }, "input[0].content"],
  [{ model: "m", input: [{ role: "user", content: [{ type: "input_text" }] }] }, "input[0].content[0].text"],
  [
    { model: "m", input: [{ role: "user", content: [{ type: "input_image" }] }] },
    "input[0].content[0].image_url",
  ],
  [{ model: "m", input: [{ type: "function_call", call_id: "c" }] }, "input[0].name"],
  [{ model: "m", input: "x", tools: {} }, "tools"],
  [{ model: "m", input: "x", tools: [{ type: "function" }] }, "tools[0].name"],
  [
    { model: "m", input: "x", tools: [{ type: "function", name: "f", parameters: "x" }] },
    "tools[0].parameters",
  ],
  [{ model: "m", input: "x", tool_choice: "any" }, "tool_choice"],
  [{ model: "m", input: "x", temperature: "hot" }, "temperature"],
  [{ model: "m", input: "x", max_output_tokens: 1.5 }, "max_output_tokens"],
  [{ model: "m", input: "x", reasoning: "high" }, "reasoning"],
  [{ model: "m", input: "x", text: { format: { type: "xml" } } }, "text.format.type"],
  [{ model: "m", input: "x", stream: "yes" }, "stream"],
])("%j is refused with its place", (body, param) => {
  let thrown: unknown;
  try {
    parse(body);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(GatewayError);
  expect(thrown).toMatchObject({ kind: "invalid-request", param });
});

it("neither unknown fields nor __proto__ keys matter, and the body stays as it was", () => {
  const text =
    '{"model":"m","input":[{"role":"user","content":"x","__proto__":{"a":1}}],"__proto__":{"model":"evil"},"new":1}';
  const body: unknown = JSON.parse(text);
  expect(parse(body)).toMatchObject({ model: "m", extra: { "openai-responses": { new: 1 } } });
  const frozen = loadRequest("codex-code-mode.turn2");
  const before = JSON.stringify(frozen);
  parse(frozen);
  expect(JSON.stringify(frozen)).toBe(before);
});

it.each([
  ["background", true],
  ["conversation", "conv_1"],
  ["conversation", { id: "conv_1" }],
  ["prompt", { id: "pmpt_1" }],
])("%s is for providers of the API alone", (field, value) => {
  const body = { model: "m", input: "Hi", [field]: value };
  const request = parse(body);
  expect(request.nativeOnly).toMatch(new RegExp(`^${field}: `));
  expect(request.nativeOnlyAs).toEqual({ kind: "unsupported", code: "unsupported", param: field });
  const counting = { ...call, job: "count-tokens" as const };
  expect(() => client.parseRequest(body, counting)).toThrow(field);
});

it("background: false is what happens anyway", () => {
  expect(parse({ model: "m", input: "Hi", background: false })).not.toHaveProperty("nativeOnly");
});

it("what a message was for goes back to the API's models", () => {
  const message = {
    type: "message",
    role: "assistant",
    phase: "commentary",
    content: [
      { type: "output_text", text: "One." },
      { type: "output_text", text: "Two." },
    ],
  };
  const request = parse({ model: "m", input: [{ role: "user", content: "Hi" }, message] });
  expect(request.messages[1]).toMatchObject({ content: [{ text: "One." }, { text: "Two." }] });
  const { body } = provider.buildRequest(request);
  expect(listOf(body?.input).slice(1)).toEqual([message]);
});

it("a result names its tool within its namespace", () => {
  const namespace = (name: string) => ({
    type: "namespace",
    name,
    description: "",
    tools: [{ type: "function", name: "run", parameters: {} }],
  });
  const { messages } = parse({
    model: "m",
    tools: [namespace("a"), namespace("b")],
    input: [
      { type: "function_call", call_id: "1", name: "run", namespace: "b", arguments: "{}" },
      { type: "function_call_output", call_id: "1", name: "run", namespace: "b", output: "x" },
    ],
  });
  expect(messages[1]).toMatchObject({ content: [{ name: "b__run" }] });
});

it("counts the tokens of a request", () => {
  expect(client.writeTokenCount?.(12, { ...call, job: "count-tokens" })).toEqual({
    object: "response.input_tokens",
    input_tokens: 12,
  });
});

/** Messages without what only the same protocol reads of them. */
const withoutNatives = (messages: unknown): unknown =>
  JSON.parse(JSON.stringify(messages, (key, value: unknown) => (key === "native" ? undefined : value)));
