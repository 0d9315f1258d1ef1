import { describe, expect, it } from "vitest";
import { toEdits } from "../../server/group-edits.ts";
import type { GroupConfig } from "../../storage/types.ts";

const edits = (group: Partial<GroupConfig>, model = "claude-sonnet-4") =>
  toEdits({ models: {}, ...group }, model);

describe("toEdits", () => {
  it("is nothing for a group that changes nothing", () => {
    expect(edits({})).toBeUndefined();
    expect(
      edits({ toolFilter: [], temperatureRatio: 1, prompt: { mode: "off", text: "x" } }),
    ).toBeUndefined();
    expect(edits({ prompt: { mode: "enhance" } })).toBeUndefined();
    expect(edits({ prompt: { mode: "replace", text: "" } })).toBeUndefined();
  });

  it("carries prompt, replacements, tools and temperature", () => {
    expect(
      edits({
        prompt: { mode: "enhance", text: "be brief", replace: [["a", "b"]] },
        toolFilter: ["WebFetch"],
        temperatureRatio: 0.5,
      }),
    ).toEqual({
      prompt: { mode: "enhance", text: "be brief", position: "system" },
      replace: [["a", "b"]],
      dropTools: ["WebFetch"],
      temperatureRatio: 0.5,
    });
    expect(edits({ prompt: { mode: "replace", text: "x", position: "user" } })?.prompt?.position).toBe(
      "user",
    );
    expect(edits({ temperatureRatio: 0 })).toEqual({ temperatureRatio: 0 });
  });

  it("applies a prompt only to the models it names", () => {
    const prompt = {
      mode: "enhance",
      text: "x",
      replace: [["a", "b"]],
      models: ["gpt-*", "CLAUDE-sonnet-*"],
    } satisfies GroupConfig["prompt"];
    expect(edits({ prompt })).toHaveProperty("prompt");
    expect(edits({ prompt }, "claude-opus-4")).toBeUndefined();
    expect(edits({ prompt, toolFilter: ["a"] }, "claude-opus-4")).toEqual({ dropTools: ["a"] });
    expect(edits({ prompt: { ...prompt, models: [] } }, "anything")).toHaveProperty("prompt");
  });
});
