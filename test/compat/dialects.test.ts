import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyCompat } from "../../compat/index.ts";
import type { Tool } from "../../adapters/unified.ts";
import { answer, ask, TOOLS } from "./dialect-tools.ts";

interface Case {
  name: string;
  model: string;
  text: string;
  content: string;
  calls: { name: string; args: unknown }[];
  reasoning?: string;
  finish?: string;
}

const FOLDER = new URL("../../fixtures/compat/dialects/", import.meta.url);
const files = readdirSync(FOLDER).map((file) => ({
  file,
  cases: readFileSync(new URL(file, FOLDER), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Case),
}));
const all = files.flatMap(({ cases }) => cases);
const squeeze = (text: string): string => text.replace(/\s+/g, " ").trim();

describe.each(files)("$file", ({ cases }) => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, one) => {
    const got = answer([[one.text]], { model: one.model, reasks: 0 });
    expect(got.calls).toEqual(one.calls);
    expect(squeeze(got.content)).toBe(squeeze(one.content));
    if (one.reasoning !== undefined) expect(squeeze(got.reasoning)).toBe(squeeze(one.reasoning));
    expect(got.finish).toBe(one.finish ?? (one.calls.length ? "tool-calls" : "stop"));
  });

  it("gives the same for every way of cutting", () => {
    for (const one of cases) {
      const whole = answer([[one.text]], { model: one.model, reasks: 0 });
      const same = (pieces: string[]): void =>
        expect(answer([pieces], { model: one.model, reasks: 0 }), one.name).toEqual(whole);
      same([...one.text]);
      for (let at = 1; at < one.text.length; at++) same([one.text.slice(0, at), one.text.slice(at)]);
    }
  });
});

it("knows calls and writes prompts the same for tools that requests have in common", () => {
  const tools = Object.freeze([...TOOLS]) as Tool[];
  for (const one of all) {
    const settings = { model: one.model, tools: true, reasks: 0 };
    expect(answer([[one.text]], settings, { tools })).toEqual(answer([[one.text]], settings));
    for (const parallelTools of [undefined, false])
      expect(applyCompat(ask({ tools, parallelTools }), settings).request).toEqual(
        applyCompat(ask({ parallelTools }), settings).request,
      );
  }
});

describe("broken and mixed answers", () => {
  const fragment = fc.oneof(
    fc.constantFrom(...all).map((one) => one.text),
    fc
      .constantFrom(...all)
      .chain((one) =>
        fc
          .tuple(fc.nat(one.text.length), fc.nat(one.text.length))
          .map(([a, b]) => one.text.slice(Math.min(a, b), Math.max(a, b))),
      ),
    fc.constantFrom(
      "<",
      "`",
      "```\n",
      "\n",
      '"',
      "</tool_call>",
      "<tool_call>",
      "{",
      "}}",
      "text ",
      "<|",
      "<think>",
      "</think>",
    ),
  );
  const models = [...new Set(all.map((one) => one.model))];

  it("never depend on how they are cut, and give only valid JSON", () => {
    fc.assert(
      fc.property(
        fc.array(fragment, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...models),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 }),
        (fragments, model, sizes) => {
          const text = fragments.join("");
          const pieces: string[] = [];
          for (let at = 0, turn = 0; at < text.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            pieces.push(text.slice(at, at + size));
            at += size;
          }
          expect(answer([pieces], { model, reasks: 0 })).toEqual(answer([[text]], { model, reasks: 0 }));
        },
      ),
      { numRuns: 400 },
    );
  });

  it("do not depend on it in long blocks either, where pieces are gathered", () => {
    const code = 'if (a < b) { say("</x>"); } // `tick` [1, {2}] => 3\n'.repeat(60);
    const args = JSON.stringify({ path: "a", text: code });
    const texts: [string, string][] = [
      ["hermes-3", `Now. <tool_call>{"name": "save", "arguments": ${args}}</tool_call> Done.`],
      ["hermes-3", `<tool_call>{"name": "save", "arguments": ${args} and then nothing`],
      ["mistral-7b", `[TOOL_CALLS][{"name": "save", "arguments": ${args}}] and then a word`],
      ["some-model", `\`\`\`json\n{"name": "save", "arguments": ${args}}\n\`\`\`\nAs you see.`],
      [
        "qwen3-coder",
        `<function=save>\n<parameter=path>a</parameter>\n<parameter=text>\n${code}\n</parameter>\n</function> Done.`,
      ],
    ];
    for (const [model, text] of texts) {
      const whole = answer([[text]], { model, reasks: 0 });
      for (const size of [1, 3, 4, 17, 255, 256, 257, 1000]) {
        const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
        expect(answer([pieces], { model, reasks: 0 })).toEqual(whole);
      }
    }
  });

  it("are read to their end, however long and however cut", () => {
    const line = 'if (a < b) { say("</x>"); } // `tick` [1, {2}]\n';
    const big = line.repeat(4000);
    const texts: [string, string][] = [
      [
        "hermes-3",
        `<tool_call>{"name": "save", "arguments": {"path": "a", "text": ${JSON.stringify(big)}}}</tool_call>`,
      ],
      [
        "qwen3-coder",
        `<tool_call><function=save><parameter=path>a</parameter><parameter=text>${big}</parameter></function></tool_call>`,
      ],
      ["some-model", big],
      ["some-model", "<tool_call>".repeat(15_000)],
      ["some-model", "<".repeat(100_000)],
      ["some-model", " ".repeat(200_000)],
      ["qwen3-coder", `<function=save><parameter=text>${"</parameter> x".repeat(12_000)}`],
      ["hermes-3", `<tool_call>{"name": "save", "arguments": ${'{"a":'.repeat(40_000)}</tool_call>`],
    ];
    for (const [model, text] of texts) {
      const pieces = text.match(/[\s\S]{1,4}/g) ?? [];
      const cut = answer([pieces], { model, reasks: 0 });
      expect(cut, text.slice(0, 60)).toEqual(answer([[text]], { model, reasks: 0 }));
    }
  }, 60_000);
});
