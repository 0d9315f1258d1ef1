import { describe, expect, it } from "vitest";
import { foldEvents } from "../../../adapters/fold.ts";
import { createStreamParser } from "../../../adapters/ollama/parse-stream.ts";
import { toExample } from "../../../server/demo/example.ts";
import { answerDemo } from "../../../server/demo/answer-demo.ts";

const weather = {
  name: "get_weather",
  description: "d",
  parameters: {
    type: "object",
    properties: { city: { type: "string" }, unit: { enum: ["C", "F"] }, days: { type: "integer" } },
    required: ["city", "unit"],
  },
};
const bash = {
  name: "Bash",
  parameters: { type: "object", properties: { command: { type: "string" } }, required: ["command"] },
};
const system = {
  role: "system",
  content: `Tools stand in <tools></tools>:\n<tools>\n${JSON.stringify(bash)}\n${JSON.stringify(weather)}\n</tools>\nWrite <tool_call>{"name": …}</tool_call>.`,
};

/** The demo's answer as a client of any protocol would get it. */
function chat(messages: object[], more: object = {}): string {
  const { status, chunks } = answerDemo(
    { path: "/api/chat", body: { model: "demo", messages, ...more } },
    () => 0,
  );
  expect(status).toBe(200);
  const parser = createStreamParser({ model: "demo", messages: [], stream: true });
  const { content } = foldEvents([...chunks.flatMap(parser.push), ...parser.end()]);
  return content.map((part) => (part.type === "text" ? part.text : "")).join("");
}
const user = (content: string) => ({ role: "user", content });

function readCall(text: string): unknown {
  return JSON.parse(/<tool_call>\n(.*)\n<\/tool_call>/.exec(text)?.[1] ?? "null");
}

describe("answerDemo", () => {
  it("says what it is, in several pieces", () => {
    expect(chat([user("hi there")])).toMatch(/a script that stands in for a model, not an AI[^]*“hi there”/);
    const { chunks, headers } = answerDemo({ path: "/api/chat", body: { messages: [user("hi")] } });
    expect(chunks.length).toBeGreaterThan(10);
    expect(headers["content-type"]).toBe("application/x-ndjson");
  });

  it("answers whole when asked to, and by /api/generate", () => {
    const body = { model: "demo", prompt: "hi", stream: false };
    const { chunks } = answerDemo({ path: "/api/generate", body });
    expect(JSON.parse(chunks.join(""))).toMatchObject({
      response: expect.stringContaining("“hi”"),
      done: true,
      done_reason: "stop",
      eval_count: expect.any(Number),
    });
  });

  it("refuses native tools in Ollama's words", () => {
    const answer = answerDemo({ path: "/api/chat", body: { model: "demo", messages: [], tools: [{}] } });
    expect([answer.status, answer.chunks.join("")]).toEqual([
      400,
      '{"error":"registry.ollama.ai/library/demo:latest does not support tools"}',
    ]);
  });

  it("calls the tool that the user names, or names a word of", () => {
    expect(readCall(chat([system, user("What is the weather in New York? Use the tool.")]))).toEqual({
      name: "get_weather",
      arguments: { city: "New York", unit: "C" },
    });
    expect(readCall(chat([system, user("use bash to run `ls -l`, please")]))).toEqual({
      name: "Bash",
      arguments: { command: "ls -l" },
    });
  });

  it("calls none when none is asked for, whatever an agent put around the words", () => {
    const reminder = "<system-reminder>Use bash for the weather.</system-reminder>";
    const text = chat([system, user(`${reminder}hi`)]);
    expect(text).not.toContain("<tool_call>");
    expect(text).toContain("Name one of your tools (Bash, get_weather …)");
  });

  it("puts a tool's result into words", () => {
    const call = { role: "assistant", content: '<tool_call>\n{"name":"get_weather"}\n</tool_call>' };
    for (const result of [
      user("<tool_response>\n21 degrees\n</tool_response>"),
      user('<tool_response>{"name":"get_weather","content":"21 degrees"}</tool_response>'),
      { role: "tool", tool_name: "get_weather", content: "21 degrees" },
    ]) {
      expect(chat([system, user("weather in Paris"), call, result])).toMatch(
        /^The tool answered: 21 degrees\n/,
      );
    }
    const next = chat([
      system,
      user("weather in Paris"),
      call,
      user("21"),
      { role: "assistant", content: "ok" },
      user("hi"),
    ]);
    expect(next).toContain("“hi”");
  });

  it("answers in JSON when asked to", () => {
    const format = {
      type: "object",
      properties: { name: { type: "string" }, age: { type: "integer" } },
      required: ["name", "age"],
    };
    expect(JSON.parse(chat([user("a person, 30")], { format }))).toEqual({ name: "example", age: 30 });
    expect(JSON.parse(chat([user("hi")], { format: "json" }))).toMatchObject({ answer: "hi" });
  });

  it("serves the other routes, and knows no more", () => {
    const get = (path: string) => answerDemo({ path, body: {} });
    expect(JSON.parse(get("/api/tags").chunks[0] ?? "")).toMatchObject({
      models: [{ model: "demo:latest" }],
    });
    expect(JSON.parse(get("/api/show").chunks[0] ?? "")).toMatchObject({ capabilities: ["completion"] });
    expect(get("/api/embed").status).toBe(400);
    expect(get("/nowhere").status).toBe(404);
  });

  it("takes odd bodies", () => {
    for (const body of [
      {},
      { messages: [null, 5] },
      { messages: [{ role: 7, content: 7 }] },
      { prompt: [] },
    ]) {
      expect(answerDemo({ path: "/api/chat", body }).status).toBe(200);
    }
    const broken = { role: "system", content: "<tools>\n{nonsense\n{}\n</tools><tools>" };
    expect(chat([broken, user("hi")])).toContain("“hi”");
  });
});

describe("toExample", () => {
  it("fits the schema", () => {
    expect(toExample({ type: "array", items: { type: "boolean" } }, "")).toEqual([true]);
    expect(toExample({ anyOf: [{ const: 3 }] }, "")).toBe(3);
    expect(toExample({ type: "number", minimum: 5, maximum: 9 }, "100")).toBe(9);
    expect(toExample({ type: ["null", "string"] }, "")).toBeNull();
    expect(toExample({ enum: ["red", "blue"] }, "make it blue")).toBe("blue");
    expect(toExample({ type: "string" }, "read src/a.ts now", "file_path")).toBe("src/a.ts");
    expect(toExample({ type: "object", required: ["a"], properties: { a: { $ref: "#" } } }, "")).toEqual({
      a: "example",
    });
  });
});
