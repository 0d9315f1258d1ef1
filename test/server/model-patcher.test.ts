import { describe, expect, it } from "vitest";
import { createModelPatcher, patchModel } from "../../server/model-patcher.ts";

const PATHS = [["model"], ["message", "model"], ["response", "model"]] as const;

describe("patchModel", () => {
  it("renames at the first path that holds a name", () => {
    expect(patchModel('{"model":"a","message":{"model":"b"}}', PATHS, "m")).toBe(
      '{"model":"m","message":{"model":"b"}}',
    );
    expect(patchModel('{"type":"x","response":{"id":"1","model":"a"}}', PATHS, "m")).toBe(
      '{"type":"x","response":{"id":"1","model":"m"}}',
    );
    expect(patchModel('{"choices":[{"model":"a"}]}', PATHS, "m")).toBe('{"choices":[{"model":"a"}]}');
  });
});

describe("createModelPatcher", () => {
  const patch = createModelPatcher(PATHS, "alias");

  it.each([
    ['data: {"model":"a"}', 'data: {"model":"alias"}'],
    ['data:{"model":"a"}\r', 'data:{"model":"alias"}\r'],
    ['{"model":"a","done":false}', '{"model":"alias","done":false}'],
    ['[{"model":"a"}', '[{"model":"alias"}'],
    [',\t{"model":"a"}', ',\t{"model":"alias"}'],
    ['data: {"message":{"id":"1","model":"a"}}', 'data: {"message":{"id":"1","model":"alias"}}'],
  ])("renames in %j", (line, expected) => {
    expect(patch(line)).toBe(expected);
  });

  it.each([
    'data: {"choices":[{"delta":{"content":"the \\"model\\":\\"a\\""}}]}',
    'data: {"delta":"model"}',
    'event: {"model":"a"}',
    ': {"model":"a"}',
    "data: [DONE]",
    "",
  ])("leaves %j alone", (line) => {
    expect(patch(line)).toBe(line);
  });

  it("renames in every line of a text and keeps its line ends", () => {
    const text = 'event: x\ndata: {"model":"a"}\r\n\r\ndata: {"model":"b"}\n\n';
    expect(patch(text)).toBe('event: x\ndata: {"model":"alias"}\r\n\r\ndata: {"model":"alias"}\n\n');
  });
});
