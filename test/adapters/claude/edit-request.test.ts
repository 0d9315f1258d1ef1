import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../adapters/claude/build-request.ts";
import { editRequest } from "../../../adapters/claude/edit-request.ts";
import { parseRequest } from "../../../adapters/claude/parse-request.ts";
import { applyEdits, type RequestEdits } from "../../../adapters/edits.ts";
import { holdsSealed } from "../../../adapters/signature.ts";
import type { Message, UnifiedRequest } from "../../../adapters/unified.ts";
import { names, readJson } from "./fixtures.ts";

const text = (value: string) => ({ type: "text", text: value });
const cached = (value: string) => ({ ...text(value), cache_control: { type: "ephemeral" } });
const tool = (name: string) => ({ name, input_schema: { type: "object", properties: {} } });
const base = { model: "m", max_tokens: 5, messages: [{ role: "user", content: "hi" }] };
const prompt = (mode: "enhance" | "replace", position: "system" | "user") => ({
  prompt: { mode, position, text: "P" },
});

describe("editRequest", () => {
  it("leaves out what only another provider could read: its thoughts, and the pages it cited", () => {
    const page = (encrypted_index: string) => ({
      type: "web_search_result_location",
      url: "https://a.b",
      title: "T",
      cited_text: "c",
      encrypted_index,
    });
    const said = [
      { type: "thinking", thinking: "hm", signature: "ccproxy.gemini.x" },
      { ...text("one"), citations: [page("ccproxy.gemini."), page("Eo8")] },
      { ...text("two"), citations: [page("ccproxy..")] },
    ];
    const messages = [...base.messages, { role: "assistant", content: said }];
    const body = { ...base, messages };
    // What makes the pass-through look for such.
    expect(holdsSealed(JSON.stringify(body))).toBe(true);
    expect((editRequest(body, {}).messages as unknown[])[1]).toEqual({
      role: "assistant",
      content: [{ ...text("one"), citations: [page("Eo8")] }, text("two")],
    });
    const [, again] = parseRequest(body).messages;
    expect(again?.content.slice(1)).toMatchObject([
      { text: "one", citations: [{ url: "https://a.b", quote: "c" }, { native: { origin: "claude" } }] },
      { text: "two", citations: [{ url: "https://a.b" }] },
    ]);
    expect(again?.content[2]).not.toHaveProperty("citations.0.native");
  });

  it("enhances blocks by a block and text by text", () => {
    const edits = prompt("enhance", "system");
    expect(editRequest({ ...base, system: [cached("a")] }, edits).system).toEqual([cached("a"), text("P")]);
    expect(editRequest({ ...base, system: "a" }, edits).system).toBe("a\n\nP");
    expect(editRequest(base, edits).system).toBe("P");
  });

  it("replaces the prompt, but not the billing block", () => {
    const billing = text("x-anthropic-billing-header: cch=1;");
    const edits = prompt("replace", "system");
    expect(editRequest({ ...base, system: "a" }, edits).system).toBe("P");
    expect(editRequest({ ...base, system: [billing, cached("a")] }, edits).system).toEqual([
      billing,
      text("P"),
    ]);
    const words: RequestEdits = { replace: [["x", "y"]] };
    expect(editRequest({ ...base, system: [billing, cached("axx")] }, words).system).toEqual([
      billing,
      cached("ayy"),
    ]);
  });

  it("puts a prompt in front of what the user says, after tool results", () => {
    const edits = prompt("enhance", "user");
    expect(editRequest(base, edits).messages).toEqual([{ role: "user", content: [text("P"), text("hi")] }]);
    const result = { type: "tool_result", tool_use_id: "a", content: "x" };
    const messages = [
      { role: "user", content: [result] },
      { role: "user", content: [result, text("go")] },
    ];
    expect(editRequest({ ...base, messages }, edits).messages).toEqual([
      messages[0],
      { role: "user", content: [result, text("P"), text("go")] },
    ]);
  });

  it("drops tools everywhere they are named", () => {
    const reference = (name: string) => ({ type: "tool_reference", tool_name: name });
    const body = {
      ...base,
      tools: [tool("a"), tool("b"), { type: "bash_20250124", name: "bash" }],
      tool_choice: { type: "tool", name: "a", disable_parallel_tool_use: true },
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: [{ type: "tool_use", id: "1", name: "find", input: {} }] },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: "1", content: [reference("a"), reference("b")] }],
        },
      ],
    };
    const edited = editRequest(body, { dropTools: ["a"] });
    expect(edited.tools).toEqual(body.tools.slice(1));
    expect(edited.tool_choice).toEqual({ type: "auto", disable_parallel_tool_use: true });
    expect(JSON.stringify(edited.messages)).not.toContain('"tool_name":"a"');
    const none = editRequest(
      { ...base, tools: [tool("a")], tool_choice: { type: "any" } },
      { dropTools: ["a"] },
    );
    expect(none).toEqual(base);
  });

  it("scales the temperature, but not where thinking fixes it", () => {
    const edits = { temperatureRatio: 0.5 };
    expect(editRequest({ ...base, temperature: 0.8 }, edits).temperature).toBe(0.4);
    const thinking = { type: "enabled", budget_tokens: 2000 };
    expect(editRequest({ ...base, temperature: 1, thinking }, edits).temperature).toBe(1);
    expect(editRequest(base, edits)).not.toHaveProperty("temperature");
  });

  it("trap 21: leaves out thoughts another provider signed, even without edits", () => {
    const foreign = { type: "thinking", thinking: "hm", signature: "ccproxy.gemini.x" };
    const own = { type: "thinking", thinking: "hm", signature: "Eq" };
    const messages = [
      { role: "user", content: "hi" },
      { role: "assistant", content: [foreign, own, text("a")] },
      { role: "user", content: "go" },
    ];
    const edited = editRequest({ ...base, messages }, {});
    expect((edited.messages as { content: unknown }[])[1]?.content).toEqual([own, text("a")]);
    expect(editRequest(base, {})).toEqual(base);
  });

  const edits = fc.record(
    {
      prompt: fc.record({
        mode: fc.constantFrom("enhance", "replace"),
        position: fc.constantFrom("system", "user"),
        text: fc.constantFrom("Be brief.", "x"),
      }),
      replace: fc.array(
        fc.tuple(fc.constantFrom("", "a", "placeholder", "ab"), fc.constantFrom("", "$&", "b")),
        {
          maxLength: 3,
        },
      ),
      dropTools: fc.subarray(["Bash", "a", "b", "WebFetch", "bash", "read"]),
      temperatureRatio: fc.double({ min: 0, max: 1, noNaN: true }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<RequestEdits>;
  const words = fc.constantFrom("a", "ab b", "x-anthropic-billing-header: a", "placeholder");
  const blocks = fc.array(fc.oneof(words.map(text), words.map(cached)), { maxLength: 3 });
  const result = {
    type: "tool_result",
    tool_use_id: "1",
    content: [{ type: "tool_reference", tool_name: "a" }],
  };
  const message = fc.oneof(
    fc.record({ role: fc.constantFrom("user", "assistant", "system"), content: fc.oneof(words, blocks) }),
    fc.record({ role: fc.constant("user"), content: blocks.map((list) => [result, ...list]) }),
  );
  const body = fc.record(
    {
      model: fc.constant("m"),
      messages: fc.array(message, { minLength: 1, maxLength: 5 }),
      system: fc.oneof(words, blocks),
      tools: fc.subarray([tool("a"), tool("b"), { type: "bash_20250124", name: "bash" }]),
      tool_choice: fc.constantFrom(
        { type: "any" },
        { type: "auto", disable_parallel_tool_use: true },
        { type: "tool", name: "a", disable_parallel_tool_use: true },
        { type: "tool", name: "bash" },
      ),
      temperature: fc.double({ min: 0, max: 1, noNaN: true }),
      thinking: fc.constantFrom({ type: "enabled", budget_tokens: 2000 }, { type: "disabled" }),
    },
    { requiredKeys: ["model", "messages"] },
  );

  it("means the same as applyEdits", () => {
    const fixtures = fc.constantFrom(...names("requests").map((name) => readJson(`requests/${name}`)));
    fc.assert(
      fc.property(fc.oneof(body, fixtures), edits, (given, wanted) => {
        const before = structuredClone(given);
        const edited = meaning(parseRequest(editRequest(given, wanted)));
        expect(edited).toEqual(meaning(applyEdits(parseRequest(given), wanted)));
        expect(given).toEqual(before);
      }),
      { numRuns: 1500 },
    );
  });
});

/** What reaches the provider; the system prompt as one text, since its text form grows where its blocks are added to. */
function meaning(request: UnifiedRequest): unknown {
  // A request may be edited down to nothing; this keeps it one.
  const last: Message = { role: "user", content: [{ type: "text", text: "." }] };
  const { body = {}, dropped = [] } = buildRequest({ ...request, messages: [...request.messages, last] });
  const { system = "", tool_choice: choice = { type: "auto" }, ...rest } = body;
  const texts = Array.isArray(system) ? system.map((part: { text: string }) => part.text) : [system];
  // The one temperature that thinking allows is left alone where it would be dropped.
  const told = dropped.filter((what) => !what.startsWith("temperature (not with"));
  return { ...rest, choice, system: texts.join("\n\n"), dropped: told };
}
