import { describe, expect, it } from "vitest";
import type { StreamEvent } from "../../adapters/unified.ts";
import { applyCompat } from "../../compat/index.ts";
import { answer, ask } from "./dialect-tools.ts";

const patient = { model: "some-model-7b", patient: true };

describe("thinking that the template opened, of a model nothing is known of", () => {
  it.each([
    ["So it is.</think>\nNoon.", "So it is.", "Noon."],
    ["</think>\n\nNoon.", "", "Noon."],
    ["So it is.[/THINK]Noon.", "So it is.", "Noon."],
    ["So <think>it is</think> now.", "So <think>it is", "now."],
    ["So it is.</think>", "So it is.", ""],
  ])("%j is told by its closing tag, however it is cut", (said, reasoning, content) => {
    for (let at = 0; at <= said.length; at++)
      expect(answer([[said.slice(0, at), said.slice(at)]], patient)).toMatchObject({ reasoning, content });
  });

  it.each([
    "The <think> tag </think> is markup.",
    "Close it with `</think>` there.",
    '{"a": "</think>"}',
    "As in\n```\n</think>\n```",
    "No tag at all.",
    `${"No tag for long. ".repeat(40)}</think>`,
  ])("%j is text", (said) => {
    expect(answer([[...said]], patient)).toMatchObject({ reasoning: "", content: said });
  });

  it("calls in front of the closing tag are calls", () => {
    const got = answer([['<tool_call>{"name": "clock", "arguments": {}}</think>']], patient);
    expect(got.calls).toEqual([{ name: "clock", args: {} }]);
  });

  it("is not waited for where thinking is off, or where nobody said that it may", () => {
    for (const [settings, more] of [
      [patient, { thinking: { mode: "off" as const } }],
      [{ model: "some-model-7b" }, {}],
    ] as const)
      expect(answer([["So.</think>Noon."]], settings, more).content).toBe("So.</think>Noon.");
  });

  it.each(["lfm2-8b-a1b", "meta/llama-3.1-8b-instruct", "gemma3:12b", "qwen3-coder:30b", "gpt-oss-20b"])(
    "is not waited for of %s, whose family has none",
    (model) => {
      expect(answer([["So.</think>Noon."]], { model, patient: true }).content).toBe("So.</think>Noon.");
    },
  );

  it.each([
    "deepseek-r1-distill-llama-70b",
    "llama-3.1-nemotron-nano",
    "lfm2.5-1.2b-thinking",
    "phi-4-mini-reasoning",
    "qwen3:8b",
  ])("may come of %s", (model) => {
    expect(answer([["So.</think>Noon."]], { model, patient: true }).content).toBe("Noon.");
  });

  it("what waits goes out when it is told to, and nothing waits after that", () => {
    const compat = applyCompat(ask(), { tools: true, thinkingTags: true, ...patient });
    const push = (text: string): StreamEvent[] => compat.stage?.push([{ type: "text-delta", text }]) ?? [];
    expect(push("Noon")).toEqual([]);
    expect(compat.waits?.()).toBe(true);
    expect(compat.relent?.()).toEqual([{ type: "text-delta", text: "Noon" }]);
    expect(compat.waits?.()).toBe(false);
    expect(push(" it is.")).toEqual([{ type: "text-delta", text: " it is." }]);
  });

  it("waits on where the model is known to open it", () => {
    const compat = applyCompat(ask(), {
      ...patient,
      tools: true,
      thinkingTags: true,
      model: "deepseek-v3.1",
    });
    expect(compat.waits).toBeUndefined();
  });
});
