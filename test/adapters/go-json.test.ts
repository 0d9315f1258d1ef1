import { describe, expect, it } from "vitest";
import {
  goArray,
  goBoolean,
  goInteger,
  goObject,
  goString,
  readGoBody,
  readGoStruct,
} from "../../adapters/go-json.ts";

const body = (value: unknown) => readGoBody(value, "ChatRequest");

describe("readGoBody", () => {
  it("matches keys whatever their case, the last one counting, and takes null for nothing", () => {
    const from = body({ Model: "a", MODEL: "b", stream: null });
    expect(goString(from, "model")).toBe("b");
    expect(goBoolean(from, "stream")).toBeUndefined();
    expect(body(null).fields).toEqual({});
  });

  it.each([
    [undefined, "missing request body"],
    [[], "json: cannot unmarshal array into Go value of type api.ChatRequest"],
    ["x", "json: cannot unmarshal string into Go value of type api.ChatRequest"],
    [5, "json: cannot unmarshal number into Go value of type api.ChatRequest"],
    [true, "json: cannot unmarshal bool into Go value of type api.ChatRequest"],
  ])("says of %j what Go says", (value, message) => {
    expect(() => body(value)).toThrow(expect.objectContaining({ kind: "invalid-request", message }));
  });

  it("does not let __proto__ in", () => {
    const from = body(JSON.parse('{"__proto__":{"model":"x"},"__PROTO__":{"model":"y"}}'));
    expect(goString(from, "model")).toBeUndefined();
  });
});

describe("fields", () => {
  const from = body({ text: "a", yes: true, count: 3, list: [1], inner: { A: 1 }, half: 1.5 });

  it("come in their type", () => {
    expect(goString(from, "text")).toBe("a");
    expect(goBoolean(from, "yes")).toBe(true);
    expect(goInteger(from, "count")).toBe(3);
    expect(goArray(from, "list", "[]int")).toEqual([1]);
    expect(goObject(from, "inner", "map[string]interface {}")).toEqual({ A: 1 });
    expect(readGoStruct(from.fields.inner, "ChatRequest.inner", "api.Inner").fields).toEqual({ a: 1 });
    for (const read of [goString, goBoolean, goInteger]) expect(read(from, "nothing")).toBeUndefined();
  });

  it.each([
    [() => goString(from, "count"), "number", "ChatRequest.count of type string"],
    [() => goBoolean(from, "text"), "string", "ChatRequest.text of type bool"],
    [() => goInteger(from, "text"), "string", "ChatRequest.text of type int"],
    [() => goInteger(from, "half"), "number 1.5", "ChatRequest.half of type int"],
    [() => goArray(from, "inner", "[]api.Message"), "object", "ChatRequest.inner of type []api.Message"],
    [
      () => goObject(from, "list", "map[string]interface {}"),
      "array",
      "ChatRequest.list of type map[string]interface {}",
    ],
    [
      () => readGoStruct("x", "ChatRequest.tools.function", "api.ToolFunction"),
      "string",
      "ChatRequest.tools.function of type api.ToolFunction",
    ],
  ])("of the wrong type are refused in Go's words (%#)", (read, found, place) => {
    const message = `json: cannot unmarshal ${found} into Go struct field ${place}`;
    expect(read).toThrow(expect.objectContaining({ kind: "invalid-request", message }));
  });

  it("name their place without the root type", () => {
    expect(() => goString(from, "count")).toThrow(expect.objectContaining({ param: "count" }));
  });
});
