import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { applyCompat } from "../../../compat/index.ts";
import { constrainToCalls } from "../../../compat/tools/constrain.ts";
import type { Tool, UnifiedRequest } from "../../../adapters/unified.ts";
import { answer, ask, TOOLS } from "../dialect-tools.ts";

const schemaOf = (request: Pick<UnifiedRequest, "output">): Record<string, unknown> =>
  request.output?.type === "json-schema" ? request.output.schema : {};
const constrained = (more: Partial<UnifiedRequest>) =>
  applyCompat(ask(more), { tools: true, constrain: true, model: "hermes-3" }).request;
const allows = (request: Pick<UnifiedRequest, "output">, value: unknown): boolean =>
  new Ajv2020().compile(schemaOf(request))(value) === true;
const call = (name: string, args: unknown) => ({ name, arguments: args });
const forced = { toolChoice: "required" } as const;

describe("the schema", () => {
  it("is asked for only where a call must be made, and where the provider has such a thing", () => {
    expect(constrained(forced).output?.type).toBe("json-schema");
    expect(constrained({}).output).toBeUndefined();
    expect(constrained({ toolChoice: "none" }).output).toBeUndefined();
    const without = applyCompat(ask(forced), { tools: true, model: "hermes-3" }).request;
    expect(without.output).toBeUndefined();
  });

  it("allows calls of the tools, at least one, with their arguments", () => {
    const request = constrained(forced);
    const two = [call("clock", {}), call("save", { path: "a", text: "b" })];
    expect(allows(request, { tool_calls: two })).toBe(true);
    expect(allows(request, { tool_calls: [] })).toBe(false);
    expect(allows(request, { tool_calls: [call("rm", {})] })).toBe(false);
    expect(allows(request, { tool_calls: [call("save", { path: "a" })] })).toBe(false);
    expect(schemaOf(request).type).toBe("object");
    expect(JSON.stringify(request.messages.at(-1))).toContain("tool_calls");
  });

  it("allows one call where parallel calls are off, and one tool where one is named", () => {
    const single = constrained({ ...forced, parallelTools: false });
    const clock = call("clock", {});
    expect(allows(single, { tool_calls: [clock] })).toBe(true);
    expect(allows(single, { tool_calls: [clock, clock] })).toBe(false);
    const named = constrained({ toolChoice: { name: "clock" } });
    expect(allows(named, clock)).toBe(true);
    expect(allows(named, call("list_files", { path: "a" }))).toBe(false);
  });

  it("keeps nested shapes, enums, items and references, and leaves out what engines stumble over", () => {
    const parameters = {
      $defs: { point: { type: "object", properties: { x: { type: "number" } }, required: ["x"] } },
      type: "object",
      properties: {
        at: { $ref: "#/$defs/point" },
        kind: { enum: ["a", "b"] },
        list: { type: "array", items: { oneOf: [{ type: "string" }, { type: "null" }] }, minItems: 1 },
        word: { type: "string", pattern: "^(a+)+$", format: "email", minLength: 3 },
      },
      required: ["at"],
    };
    const tools: Tool[] = [{ name: "draw", parameters }, TOOLS[1] as Tool];
    const constraint = constrainToCalls(tools, { many: true });
    const request = { output: constraint?.output };
    const draw = (args: object) => ({ tool_calls: [call("draw", args)] });
    expect(allows(request, draw({ at: { x: 1 }, kind: "a", list: [null], word: "x" }))).toBe(true);
    expect(allows(request, draw({ at: {} }))).toBe(false);
    expect(allows(request, draw({ at: { x: 1 }, kind: "c" }))).toBe(false);
    expect(allows(request, draw({ at: { x: 1 }, list: [3] }))).toBe(false);
    expect(JSON.stringify(constraint)).not.toMatch(/pattern|format|minLength|oneOf/);
  });

  it("is not made of tools without end", () => {
    let deep: Record<string, unknown> = { type: "string" };
    for (let depth = 0; depth < 100; depth++) deep = { type: "object", properties: { a: deep } };
    expect(constrainToCalls([{ name: "a", parameters: deep }], { many: false })).toBeUndefined();
  });
});

describe("the answer", () => {
  const read = (text: string, more: Partial<UnifiedRequest> = forced, settings: object = {}) => {
    const whole = answer([[text], ["never"]], { constrain: true, ...settings }, more);
    for (const pieces of [[...text], [text.slice(0, 5), text.slice(5)]])
      expect(answer([pieces, ["never"]], { constrain: true, ...settings }, more)).toEqual(whole);
    return whole;
  };

  it("is read as calls, its text is none", () => {
    const calls = [call("clock", {}), call("list_files", { path: "src" })];
    expect(read(JSON.stringify({ tool_calls: calls }))).toMatchObject({
      calls: [
        { name: "clock", args: {} },
        { name: "list_files", args: { path: "src" } },
      ],
      content: "",
      finish: "tool-calls",
    });
    const named = { toolChoice: { name: "clock" } };
    expect(read(JSON.stringify(call("clock", {})), named).calls).toHaveLength(1);
  });

  it("of a provider that knows no schema is read as the prompt asks", () => {
    const text = 'Well. <tool_call>{"name": "clock", "arguments": {}}</tool_call>';
    expect(read(text)).toMatchObject({ calls: [{ name: "clock" }], content: "Well." });
  });

  it("goes through the same checks, and the model is asked again", () => {
    const wrong = JSON.stringify({ tool_calls: [call("save", { path: "a" })] });
    const right = JSON.stringify({ tool_calls: [call("save", { path: "a", text: "b" })] });
    const got = answer([[wrong], [right]], { constrain: true }, forced);
    expect(got.calls).toEqual([{ name: "save", args: { path: "a", text: "b" } }]);
    expect(got.followUps[0]?.output?.type).toBe("json-schema");
  });

  it("that was cut off is no call", () => {
    const text = '{"tool_calls": [{"name": "save", "arguments": {"path": "a", "text": "half';
    const got = answer([[text]], { constrain: true }, forced, "length");
    expect(got).toMatchObject({ calls: [], finish: "length", repairs: ["truncated call"] });
  });
});

describe("without a schema", () => {
  const tag = (name: string, args: object = {}): string =>
    `<tool_call>${JSON.stringify(call(name, args))}</tool_call>`;

  it("a named tool is the only one that may be called", () => {
    const named = { toolChoice: { name: "clock" } };
    const got = answer([[tag("list_files", { path: "a" })], [tag("clock")]], {}, named);
    expect(got.calls).toEqual([{ name: "clock", args: {} }]);
    expect(JSON.stringify(got.followUps[0]?.messages.at(-1))).toContain(
      'Not the tool \\"list_files\\": You must call the tool \\"clock\\" now.',
    );
    const other = tag("list_files", { path: "a" });
    expect(answer([[other], [other]], {}, named)).toMatchObject({ calls: [], content: other });
  });

  it("a call is demanded once more, and the answer given as it is if there is none", () => {
    const got = answer([["No."], ["Never."]], {}, forced);
    expect(got).toMatchObject({ calls: [], finish: "stop", repairs: ["asked again"] });
    expect(got.content).toBe("No.Never.");
  });

  it("one call is given where parallel calls are off, a provider's own included", () => {
    const { stage } = applyCompat(ask({ parallelTools: false }), { tools: true, model: "hermes-3" });
    const events = stage?.push([
      { type: "text-delta", text: tag("clock") },
      { type: "tool-start", index: 0, name: "clock" },
      { type: "tool-delta", index: 0, json: "{}" },
      { type: "finish", reason: "stop" },
    ]);
    expect(events?.filter(({ type }) => type === "tool-start")).toHaveLength(1);
    expect(events?.at(-1)).toMatchObject({ reason: "tool-calls" });
    const two = answer([[tag("clock") + tag("list_files", { path: "a" })]], {}, { parallelTools: false });
    expect(two).toMatchObject({ calls: [{ name: "clock" }], repairs: ["call too many"] });
  });
});
