import { describe, expect, it } from "vitest";
import { GatewayError, type ErrorKind } from "../../adapters/errors.ts";
import { createLearnedLimits, readRefusal } from "../../server/learned-limits.ts";
import type { StateStore } from "../../storage/types.ts";

const memory = (entries = new Map<string, unknown>()): StateStore => ({
  get: <T>(key: string) => Promise.resolve(entries.get(key) as T | undefined),
  set: (key, value) => Promise.resolve(void entries.set(key, value)),
  remove: (key) => Promise.resolve(void entries.delete(key)),
  keys: (prefix = "") => Promise.resolve([...entries.keys()].filter((key) => key.startsWith(prefix))),
});

describe("createLearnedLimits", () => {
  it("knows at once what it learnt, per feature, provider and model", () => {
    const limits = createLearnedLimits(memory());
    expect(limits.lacks("tools", "a", "m")).toBe(false);
    limits.learn("tools", "a", "m");
    expect(limits.lacks("tools", "a", "m")).toBe(true);
    expect(limits.lacks("thinking", "a", "m")).toBe(false);
    expect(limits.lacks("tools", "b", "m")).toBe(false);
    expect(limits.lacks("tools", "a", "m:2")).toBe(false);
  });

  it("remembers for the next run", async () => {
    const state = memory();
    const first = createLearnedLimits(state);
    first.learn("tools", "a", "org/m:1b");
    first.learn("thinking", "a", "n");
    const second = createLearnedLimits(state);
    await second.load();
    expect(second.lacks("tools", "a", "org/m:1b")).toBe(true);
    expect(second.lacks("thinking", "a", "n")).toBe(true);
    expect(second.lacks("tools", "a", "n")).toBe(false);
  });

  it("tries again after seven days, a daemon that was never stopped too", async () => {
    let now = 1_000_000;
    const state = memory();
    const limits = createLearnedLimits(state, () => now);
    limits.learn("tools", "a", "m");
    now += 7 * 24 * 3_600_000 - 1;
    expect(limits.lacks("tools", "a", "m")).toBe(true);
    const next = createLearnedLimits(state, () => now);
    await next.load();
    expect(next.lacks("tools", "a", "m")).toBe(true);
    now += 1;
    expect(limits.lacks("tools", "a", "m")).toBe(false);
    expect(next.lacks("tools", "a", "m")).toBe(false);
  });

  it("works on when nothing can be stored", () => {
    const broken = { ...memory(), set: () => Promise.reject(new Error("disk full")) };
    const limits = createLearnedLimits(broken);
    limits.learn("tools", "a", "m");
    expect(limits.lacks("tools", "a", "m")).toBe(true);
  });
});

describe("readRefusal", () => {
  const read = (message: string, kind: ErrorKind = "invalid-request", code?: string) =>
    readRefusal(new GatewayError(kind, message, { code }));

  it.each([
    "registry.ollama.ai/library/gemma:2b does not support tools",
    "This model does not support tool use",
    "This model doesn't support tool calling",
    "The model does not support Function Calling",
    "gpt-x does not support the use of functions",
    "`tool calling` is not supported with this model",
    "tools is not supported in this model",
    "Function calling is not enabled for models/gemma-3-27b-it",
    "No endpoints found that support tool use. To learn more …",
    '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    "tools param requires --jinja flag",
    "model features function calling not support",
    "Tool calling is not supported for model: mistralai/Mistral-Small-24B-Instruct-2501",
    "Tools are not supported for this model",
  ])("sees in %j that tools are lacking", (message) => {
    expect(read(message)).toBe("tools");
  });

  it.each([
    '"m" does not support thinking',
    "This model doesn't support reasoning",
    "reasoning_effort is not supported with this model",
    "Unrecognized request argument supplied: reasoning_effort",
  ])("sees in %j that thinking is lacking", (message) => {
    expect(read(message)).toBe("thinking");
  });

  it.each([
    "This model does not support image input",
    "model 'x' does not support images",
    "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
    "No endpoints found that support image input",
    "At most 0 image(s) may be provided in one request.",
    "Failed to deserialize: unknown variant `image_url`, expected `text`",
    "this model is missing data required for image input",
    "hermes-3 is not a multimodal model",
  ])("sees in %j that eyes are lacking", (message) => {
    expect(read(message)).toBe("vision");
  });

  it.each([
    "This response_format type is unavailable now",
    "response_format is not supported",
    "This model does not support response format `json_schema`",
    "JSON mode is not enabled for models/gemma-3-27b-it",
    "model does not support structured outputs",
    "Unsupported parameter: response_format",
  ])("sees in %j that a JSON mode is lacking", (message) => {
    expect(read(message)).toBe("json");
  });

  it("believes a provider's code", () => {
    expect(read("no", "invalid-request", "tools_not_supported")).toBe("tools");
    expect(read("no", "invalid-request", "thinking_not_supported")).toBe("thinking");
  });

  it.each([
    "tools[0].function.parameters: invalid schema",
    "model not found",
    "Invalid tool name",
    "max_tokens is too large",
    "",
  ])("sees no such thing in %j", (message) => {
    expect(read(message)).toBeUndefined();
  });

  it("listens only to errors about the request", () => {
    for (const kind of ["rate-limit", "upstream", "timeout", "upstream-auth"] as const) {
      expect(read("does not support tools", kind)).toBeUndefined();
    }
    for (const kind of ["not-found", "unsupported"] as const)
      expect(read("does not support tools", kind)).toBe("tools");
  });
});
