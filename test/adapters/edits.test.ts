import { describe, expect, it } from "vitest";
import { applyEdits, replaceAll, type RequestEdits } from "../../adapters/edits.ts";
import type { Tool, UnifiedRequest } from "../../adapters/unified.ts";

const tool = (name: string): Tool => ({ name, parameters: { type: "object" } });
const text = (value: string) => ({ type: "text" as const, text: value });
const request: UnifiedRequest = {
  model: "m",
  stream: false,
  system: [{ ...text("be old and old"), cache: { type: "ephemeral" } }, text("b")],
  messages: [
    { role: "assistant", content: [text("old greeting")] },
    { role: "user", content: [text("hi old")] },
    { role: "user", content: [text("again")] },
  ],
  tools: [tool("Bash"), tool("WebFetch"), tool("WebSearch")],
  toolChoice: "auto",
  parallelTools: false,
  sampling: { temperature: 0.8, topP: 0.5 },
};
const edit = (edits: RequestEdits, changes: Partial<UnifiedRequest> = {}) =>
  applyEdits({ ...request, ...changes }, edits);

describe("applyEdits", () => {
  it("changes nothing without edits, and never the request it was given", () => {
    const before = structuredClone(request);
    expect(edit({})).toEqual(request);
    edit({
      prompt: { mode: "replace", text: "x", position: "user" },
      replace: [["old", "new"]],
      dropTools: ["Bash", "WebFetch", "WebSearch"],
      temperatureRatio: 0.5,
    });
    expect(request).toEqual(before);
  });

  describe("replace", () => {
    it("acts on every place of the system prompt, in order, and keeps cache marks", () => {
      const { system, messages } = edit({
        replace: [
          ["old", "new"],
          ["new", "$& fresh"],
        ],
      });
      expect(system).toEqual([
        { ...text("be $& fresh and $& fresh"), cache: { type: "ephemeral" } },
        text("b"),
      ]);
      expect(messages).toBe(request.messages);
    });

    it("acts before the group's own prompt is added", () => {
      const { system } = edit({
        replace: [["old", "new"]],
        prompt: { mode: "enhance", text: "old rule", position: "system" },
      });
      expect(system?.map((part) => part.text)).toEqual(["be new and new", "b", "old rule"]);
    });

    it("takes the words literally; an empty one matches nothing", () => {
      expect(replaceAll("a.c abc a.c", [["a.c", "$1"]])).toBe("$1 abc $1");
      expect(replaceAll("abc", [["", "x"]])).toBe("abc");
    });
  });

  describe("prompt", () => {
    it("enhance: comes after the caller's system prompt", () => {
      const { system } = edit({ prompt: { mode: "enhance", text: "x", position: "system" } });
      expect(system).toEqual([...(request.system ?? []), text("x")]);
    });

    it("replace: stands in its place", () => {
      expect(edit({ prompt: { mode: "replace", text: "x", position: "system" } }).system).toEqual([
        text("x"),
      ]);
    });

    it.each(["enhance", "replace"] as const)("%s: is the system prompt where there is none", (mode) => {
      const edited = edit({ prompt: { mode, text: "x", position: "system" } }, { system: undefined });
      expect(edited.system).toEqual([text("x")]);
    });

    it("user: goes in front of the first user message", () => {
      const edited = edit({ prompt: { mode: "enhance", text: "x", position: "user" } });
      expect(edited.system).toEqual(request.system);
      expect(edited.messages).toEqual([
        request.messages[0],
        { role: "user", content: [text("x"), text("hi old")] },
        request.messages[2],
      ]);
    });

    it("user and replace: leaves no system prompt", () => {
      const edited = edit({ prompt: { mode: "replace", text: "x", position: "user" } });
      expect(edited.system).toBeUndefined();
      expect(edited.messages[1]?.content[0]).toEqual(text("x"));
    });

    it("user: makes a user message where there is none", () => {
      const edited = edit({ prompt: { mode: "enhance", text: "x", position: "user" } }, { messages: [] });
      expect(edited.messages).toEqual([{ role: "user", content: [text("x")] }]);
    });
  });

  describe("dropTools", () => {
    it("takes out the tools of that exact name", () => {
      const { tools, toolChoice } = edit({ dropTools: ["WebFetch", "bash"] });
      expect(tools?.map(({ name }) => name)).toEqual(["Bash", "WebSearch"]);
      expect(toolChoice).toBe("auto");
    });

    it("trap 13: leaves neither an empty list nor a choice when none is left", () => {
      const edited = edit({ dropTools: ["Bash", "WebFetch", "WebSearch"] }, { toolChoice: "required" });
      expect(edited).toMatchObject({ tools: undefined, toolChoice: undefined, parallelTools: undefined });
    });

    it("forgets the choice of a tool that is gone, and only that", () => {
      expect(edit({ dropTools: ["Bash"] }, { toolChoice: { name: "Bash" } }).toolChoice).toBeUndefined();
      const kept = { name: "WebFetch" };
      expect(edit({ dropTools: ["Bash"] }, { toolChoice: kept }).toolChoice).toEqual(kept);
    });
  });

  describe("temperatureRatio", () => {
    it("scales the caller's temperature and nothing else", () => {
      expect(edit({ temperatureRatio: 0.5 }).sampling).toEqual({ temperature: 0.4, topP: 0.5 });
      expect(edit({ temperatureRatio: 0 }).sampling).toEqual({ temperature: 0, topP: 0.5 });
    });

    it("brings none in where the caller sent none", () => {
      expect(edit({ temperatureRatio: 0.5 }, { sampling: { topP: 1 } }).sampling).toEqual({ topP: 1 });
      expect(edit({ temperatureRatio: 0.5 }, { sampling: undefined }).sampling).toBeUndefined();
    });
  });
});
