import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { toFunctionTool, unwrapCustomInput, wrapCustomInput } from "../../adapters/custom-tools.ts";
import type { Tool } from "../../adapters/unified.ts";

describe("toFunctionTool", () => {
  it("leaves a function as it is", () => {
    const tool: Tool = { name: "f", parameters: { type: "object" } };
    expect(toFunctionTool(tool)).toBe(tool);
  });

  it("trap 26: gives a custom tool one string argument and tells its grammar in words", () => {
    const custom: Tool = {
      name: "apply_patch",
      description: "patches",
      parameters: {},
      kind: "custom",
      format: { type: "grammar", syntax: "lark", definition: "start: x" },
    };
    const tool = toFunctionTool(custom);
    expect(tool).toMatchObject({
      name: "apply_patch",
      description: "patches",
      kind: "function",
      parameters: { type: "object", required: ["input"], additionalProperties: false },
    });
    expect(JSON.stringify(tool.parameters)).toContain("lark grammar:\\nstart: x");
    expect(custom.kind).toBe("custom");
  });

  it.each([undefined, null, "text", { type: "text" }, { definition: 5 }])(
    "takes a format of %j",
    (format) => {
      const tool = toFunctionTool({ name: "t", parameters: {}, kind: "custom", format });
      expect(JSON.stringify(tool.parameters)).not.toContain("grammar");
    },
  );
});

describe("unwrapCustomInput", () => {
  it("is the inverse of wrapCustomInput for every text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (input) => {
        expect(unwrapCustomInput(wrapCustomInput(input))).toBe(input);
      }),
    );
  });

  it.each([
    ['{"input":"a","note":1}', "a"],
    ['{"patch":"a"}', "a"],
    ['"a"', "a"],
    ["*** Begin Patch", "*** Begin Patch"],
    ['{"a":1}', '{"a":1}'],
    ['{"a":"1","b":"2"}', '{"a":"1","b":"2"}'],
    ["{}", "{}"],
  ])("reads %s", (args, expected) => {
    expect(unwrapCustomInput(args)).toBe(expected);
  });
});
