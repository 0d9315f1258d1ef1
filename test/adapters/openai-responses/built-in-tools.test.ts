import { ResponseStream } from "openai/lib/responses/ResponseStream";
import { describe, expect, it } from "vitest";
import { applyEdits } from "../../../adapters/edits.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import type { StreamEvent } from "../../../adapters/unified.ts";
import { client, context, listOf, parse, parseFixture, provider, writeEvents } from "./load.ts";

const search = {
  type: "tool_search",
  execution: "client",
  description: "Find.",
  parameters: { type: "object" },
};
const tools = [search, { type: "local_shell" }, { type: "shell" }, { type: "apply_patch" }];
const calls: StreamEvent[] = [
  ["tool_search", '{"query":"mail","limit":2}'],
  ["local_shell", '{"command":["ls","-l"],"working_directory":"/tmp"}'],
  ["shell", '{"commands":["ls"],"timeout_ms":5}'],
  ["apply_patch", '{"type":"create_file","path":"a","diff":"+x"}'],
].flatMap(([name = "", json = ""], index): StreamEvent[] => [
  { type: "tool-start", index, id: `call_${index}`, name },
  { type: "tool-delta", index, json },
]);
const finish: StreamEvent = { type: "finish", reason: "tool-calls" };
const items = [
  {
    id: expect.stringMatching(/^tsc_/) as unknown,
    type: "tool_search_call",
    status: "completed",
    call_id: "call_0",
    execution: "client",
    arguments: { query: "mail", limit: 2 },
  },
  {
    id: expect.stringMatching(/^lsh_/) as unknown,
    type: "local_shell_call",
    status: "completed",
    call_id: "call_1",
    action: { type: "exec", command: ["ls", "-l"], env: {}, working_directory: "/tmp" },
  },
  {
    id: expect.stringMatching(/^sh_/) as unknown,
    type: "shell_call",
    status: "completed",
    call_id: "call_2",
    action: { commands: ["ls"], timeout_ms: 5, max_output_length: null },
  },
  {
    id: expect.stringMatching(/^apc_/) as unknown,
    type: "apply_patch_call",
    status: "completed",
    call_id: "call_3",
    operation: { type: "create_file", path: "a", diff: "+x" },
  },
];

describe("trap 27: tools that the API defines and the client runs", () => {
  const request = parse({ model: "m", input: "Hi", tools });

  it("are functions for everybody else, and themselves for the API", () => {
    expect(request.serverTools).toBeUndefined();
    expect(request.tools?.map(({ name }) => name)).toEqual([
      "tool_search",
      "local_shell",
      "shell",
      "apply_patch",
    ]);
    expect(request.tools?.[0]).toMatchObject({ description: "Find.", parameters: { type: "object" } });
    expect(request.tools?.every(({ parameters }) => parameters.type === "object")).toBe(true);
    expect(provider.buildRequest(request).body?.tools).toEqual(tools);
  });

  it("are called with the items the client knows, streamed and whole", async () => {
    const events = writeEvents([...calls, finish], request);
    const response = events.at(-1)?.response;
    expect(response).toMatchObject({ output: items });
    const full = client.writeResponse(foldEvents([...calls, finish]), context(request)) as {
      output: unknown;
    };
    expect(full.output).toEqual(items);
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    const final = await ResponseStream.fromReadableStream(new Blob([lines]).stream()).finalResponse();
    expect(final.output).toEqual(items);
  });

  it("are read when a provider of the API calls them", () => {
    const answer = { id: "r", object: "response", status: "completed", output: items };
    const { content, finishReason } = provider.parseResponse(answer, request);
    expect(finishReason).toBe("tool-calls");
    expect(
      content.map((part) => part.type === "tool-call" && [part.id, part.name, JSON.parse(part.args)]),
    ).toEqual(
      items.map(({ call_id, ...item }, index) => [
        call_id,
        request.tools?.[index]?.name,
        item.arguments ?? item.action ?? item.operation,
      ]),
    );
  });

  it("can be chosen, and switched off by a group", () => {
    const choice = (tool_choice: unknown) => parse({ model: "m", input: "Hi", tools, tool_choice });
    expect(choice({ type: "shell" }).toolChoice).toEqual({ name: "shell" });
    expect(provider.buildRequest(choice({ type: "shell" })).body?.tool_choice).toEqual({ type: "shell" });
    const allowed = choice({ type: "allowed_tools", mode: "required", tools: [{ type: "local_shell" }] });
    expect(allowed.tools?.map(({ name }) => name)).toEqual(["local_shell"]);
    const body = { model: "m", input: "Hi", tools, tool_choice: { type: "shell" } };
    const edits = { dropTools: ["shell", "tool_search"] };
    const edited = client.editRequest(body, edits);
    expect(edited).toEqual({ model: "m", input: "Hi", tools: [tools[1], tools[3]] });
    expect(parse(edited).tools).toEqual(applyEdits(parse(body), edits).tools);
  });

  it.each([
    { type: "tool_search" },
    { type: "tool_search", execution: "server" },
    { type: "shell", environment: { type: "container_auto" } },
    { type: "computer" },
    { type: "code_interpreter", container: "auto" },
  ])("$type of the provider stays the provider's", (tool) => {
    const { tools: own, serverTools } = parse({ model: "m", input: "Hi", tools: [tool] });
    expect([own, serverTools?.map(({ body }) => body)]).toEqual([undefined, [tool]]);
  });

  it("a function of the same name comes first", () => {
    const mine = {
      type: "function",
      name: "shell",
      parameters: { type: "object", properties: {} },
      strict: false,
    };
    expect(parse({ model: "m", input: "Hi", tools: [{ type: "shell" }, mine] }).tools).toHaveLength(1);
    const custom = parseFixture("codex-freeform-patch.turn1").tools?.find(
      ({ name }) => name === "apply_patch",
    );
    expect(custom?.kind).toBe("custom");
  });
});

it("trap 26: what Codex's search for tools finds can be called", () => {
  const found = [
    {
      type: "namespace",
      name: "mail",
      description: "",
      tools: [{ type: "function", name: "send", parameters: {} }],
    },
    { type: "function", name: "clock", parameters: {}, defer_loading: true },
  ];
  const { messages, tools: listed } = parse({
    model: "m",
    tools: [search],
    input: [
      { role: "user", content: "Send a mail" },
      { type: "tool_search_call", call_id: "c1", execution: "client", arguments: { query: "mail" } },
      { type: "tool_search_output", call_id: "c1", execution: "client", tools: found },
    ],
  });
  expect(messages.slice(1)).toMatchObject([
    {
      role: "assistant",
      content: [{ type: "tool-call", id: "c1", name: "tool_search", args: '{"query":"mail"}' }],
    },
    {
      role: "tool",
      content: [
        {
          id: "c1",
          name: "tool_search",
          content: [{ text: expect.stringContaining("send, clock") as unknown }],
        },
      ],
    },
  ]);
  expect(listed?.map(({ name }) => name)).toEqual(["send", "clock", "tool_search"]);
});

it("results of built-in tools say whether they failed", () => {
  const { messages } = parse({
    model: "m",
    input: [
      { type: "apply_patch_call", call_id: "p", operation: { type: "delete_file", path: "a" } },
      { type: "apply_patch_call_output", call_id: "p", status: "failed", output: "no such file" },
    ],
  });
  expect(listOf(messages[1]?.content)[0]).toMatchObject({ name: "apply_patch", isError: true });
});
