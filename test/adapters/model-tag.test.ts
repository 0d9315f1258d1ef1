import { describe, expect, it } from "vitest";
import { isModelName, readSource, withoutLatest, withTag } from "../../adapters/model-tag.ts";

describe("withTag", () => {
  it.each([
    ["a", "a:latest"],
    ["a:1b", "a:1b"],
    ["host:5000/a", "host:5000/a:latest"],
    ["host:5000/a:q4", "host:5000/a:q4"],
  ])("%s is %s", (name, tagged) => {
    expect(withTag(name)).toBe(tagged);
  });
});

describe("withoutLatest", () => {
  it.each([
    ["a:latest", "a"],
    ["a:LATEST", "a"],
    ["a:1b", "a:1b"],
    ["a", "a"],
    ["latest", "latest"],
    ["a:local", "a"],
    ["a:1b:Local", "a:1b"],
    ["a:latest:local", "a"],
    ["registry.ollama.ai/library/a:latest", "a"],
    ["Registry.ollama.ai/library/a:1b", "a:1b"],
    ["registry.ollama.ai/someone/a", "registry.ollama.ai/someone/a"],
    ["library/a", "library/a"],
  ])("%s is %s", (name, bare) => {
    expect(withoutLatest(name)).toBe(bare);
  });
});

describe("readSource", () => {
  it.each([
    ["a:cloud", "cloud"],
    ["a:20b-cloud", "cloud"],
    ["a:Cloud", "cloud"],
    ["host:5000/a:x-CLOUD", "cloud"],
    ["a:local", "local"],
    ["a", undefined],
    ["a-cloud", undefined],
    ["cloud", undefined],
    ["a:20b", undefined],
    ["host:5000/a-cloud", undefined],
    ["a:local-x", undefined],
  ])("of %s is %s", (name, source) => {
    expect(readSource(name)).toBe(source);
  });
});

describe("isModelName", () => {
  it.each(["a", "a:1b", "ns/a:1b", "host.io/ns/a", "a/b/c/d:e", "lan@qwen3:30b", "_a", "gpt-4.1"])(
    "takes %s",
    (name) => {
      expect(isModelName(name)).toBe(true);
    },
  );

  it.each([
    "",
    ":",
    "a:",
    ":b",
    "/a",
    "a//b",
    "a b",
    "../x",
    "a/..",
    "-a",
    "ä",
    "a\n",
    "x".repeat(81),
    "a/".repeat(200),
  ])("refuses %j", (name) => {
    expect(isModelName(name)).toBe(false);
  });
});
