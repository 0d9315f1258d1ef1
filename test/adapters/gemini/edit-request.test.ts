import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdits, type RequestEdits } from "../../../adapters/edits.ts";
import { buildRequest } from "../../../adapters/gemini/build-request.ts";
import { editRequest } from "../../../adapters/gemini/edit-request.ts";
import { parseRequest } from "../../../adapters/gemini/parse-request.ts";
import { NO_SIGNATURE, sealThought } from "../../../adapters/gemini/seal-thought.ts";
import type { Message, UnifiedRequest } from "../../../adapters/unified.ts";
import { call, names, readJson } from "./fixtures.ts";

const text = (value: string) => ({ text: value });
const user = (...parts: unknown[]) => ({ role: "user", parts });
const base = { contents: [user(text("hi"))] };
const prompt = (mode: "enhance" | "replace", position: "system" | "user") => ({
  prompt: { mode, position, text: "P" },
});
const result = { functionResponse: { name: "a", response: { output: "x" } } };
const declared = (...tools: string[]) => ({ functionDeclarations: tools.map((name) => ({ name })) });
const calling = (mode: string, ...allowedFunctionNames: string[]) => ({
  functionCallingConfig: { mode, ...(allowedFunctionNames.length && { allowedFunctionNames }) },
});

describe("editRequest", () => {
  it("adds to the system prompt in the form and spelling it has", () => {
    const edits = prompt("enhance", "system");
    expect(editRequest(base, edits).systemInstruction).toEqual({ parts: [text("P")] });
    const given = { role: "user", parts: [text("a")] };
    expect(editRequest({ ...base, system_instruction: given }, edits)).toEqual({
      ...base,
      system_instruction: { role: "user", parts: [text("a"), text("P")] },
    });
    expect(editRequest({ ...base, systemInstruction: "a" }, edits).systemInstruction).toEqual({
      parts: ["a", text("P")],
    });
  });

  it("replaces the prompt, and words in it", () => {
    const body = {
      contents: [{ role: "system", parts: ["bx"] }, ...base.contents],
      systemInstruction: text("axx"),
    };
    expect(editRequest(body, prompt("replace", "system"))).toEqual({
      ...base,
      systemInstruction: { parts: [text("P")] },
    });
    expect(editRequest(body, { replace: [["x", "y"]] })).toEqual({
      contents: [{ role: "system", parts: ["by"] }, ...base.contents],
      systemInstruction: text("ayy"),
    });
  });

  it("puts a prompt in front of what the user says, not of tool results", () => {
    const edits = prompt("enhance", "user");
    expect(editRequest(base, edits).contents).toEqual([user(text("P"), text("hi"))]);
    expect(editRequest({ contents: "hi" }, edits).contents).toEqual([user(text("P"), "hi")]);
    const contents = [user(result), user(result, text("go"))];
    expect(editRequest({ contents }, edits).contents).toEqual([
      user(result),
      user(result, text("P"), text("go")),
    ]);
  });

  it("drops tools where they are defined and chosen", () => {
    const body = {
      ...base,
      tools: [declared("a", "b"), { googleSearch: {} }],
      toolConfig: calling("ANY", "a"),
    };
    expect(editRequest(body, { dropTools: ["a"] })).toEqual({
      ...base,
      tools: [declared("b"), { googleSearch: {} }],
    });
    const all = {
      ...base,
      tools: [declared("a")],
      tool_config: { function_calling_config: { mode: "ANY" } },
    };
    expect(editRequest(all, { dropTools: ["a"] })).toEqual(base);
    const several = { ...base, tools: [declared("a", "b", "c")], toolConfig: calling("ANY", "a", "b") };
    expect(editRequest(several, { dropTools: ["a"] })).toEqual({
      ...base,
      tools: [declared("b")],
      toolConfig: calling("ANY"),
    });
    expect(editRequest(several, { dropTools: ["x"] })).toEqual(several);
  });

  it("scales the temperature", () => {
    const edits = { temperatureRatio: 0.5 };
    expect(editRequest({ ...base, generation_config: { temperature: 0.8, topK: 1 } }, edits)).toEqual({
      ...base,
      generation_config: { temperature: 0.4, topK: 1 },
    });
    expect(editRequest(base, edits)).toEqual(base);
  });

  it("traps 20 and 21: leaves out what another provider signed, even without edits", () => {
    const thoughtSignature = sealThought({ origin: "claude", value: "x" });
    const parts = [
      { text: "hm", thought: true, thoughtSignature },
      { text: "so", thoughtSignature },
      { functionCall: { name: "a" }, thoughtSignature },
      { functionCall: { name: "b" }, thoughtSignature: "QQ==" },
    ];
    const contents = [...base.contents, { role: "model", parts }];
    expect(editRequest({ contents }, {}).contents).toEqual([
      ...base.contents,
      {
        role: "model",
        parts: [text("so"), { functionCall: { name: "a" }, thoughtSignature: NO_SIGNATURE }, parts[3]],
      },
    ]);
    expect(editRequest(base, {})).toEqual(base);
  });

  const edits = fc.record(
    {
      prompt: fc.record({
        mode: fc.constantFrom("enhance", "replace"),
        position: fc.constantFrom("system", "user"),
        text: fc.constantFrom("Be brief.", "x"),
      }),
      replace: fc.array(
        fc.tuple(fc.constantFrom("", "a", "placeholder", "ab"), fc.constantFrom("", "$&", "b")),
        { maxLength: 3 },
      ),
      dropTools: fc.subarray(["write_file", "a", "b", "c", "bash", "googleSearch"]),
      temperatureRatio: fc.double({ min: 0, max: 1, noNaN: true }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<RequestEdits>;
  const word = fc.constantFrom("a", "ab b", "", "placeholder");
  const part = fc.oneof(
    word,
    word.map(text),
    fc.constant(result),
    fc.constant({}),
    fc.constant({ videoMetadata: {} }),
  );
  const parts = fc.array(part, { maxLength: 3 });
  const texts = fc.array(fc.oneof(word, word.map(text)), { maxLength: 3 });
  const seal = fc.constantFrom("QQ==", sealThought({ origin: "claude", value: "x" }));
  const content = fc.oneof(
    word,
    word.map(text),
    fc.record({ role: fc.constantFrom("user", "function", "model"), parts }, { requiredKeys: ["parts"] }),
    fc.record({ role: fc.constant("user"), parts: word.map(text) }),
    fc.record({ role: fc.constant("system"), parts: texts }),
    seal.map((thoughtSignature) => ({
      role: "model",
      parts: [{ functionCall: { name: "a" }, thoughtSignature }],
    })),
  );
  const system = fc.oneof(
    word,
    word.map(text),
    texts.map((list) => ({ role: "user", parts: list })),
    texts,
  );
  const allowed = fc.subarray(["a", "b", "c", "nobody"]);
  const body = fc.record(
    {
      contents: fc.oneof(fc.array(content, { minLength: 1, maxLength: 5 }), content),
      systemInstruction: system,
      system_instruction: system,
      tools: fc.subarray<object>([
        declared("a", "b"),
        { ...declared("c"), urlContext: {} },
        { googleSearch: {} },
      ]),
      toolConfig: fc
        .tuple(fc.constantFrom("ANY", "AUTO", "NONE", "VALIDATED"), allowed)
        .map(([mode, list]) => ({
          ...calling(mode, ...list),
          includeServerSideToolInvocations: true,
        })),
      generationConfig: fc.record({ temperature: fc.double({ min: 0, max: 2, noNaN: true }) }),
    },
    { requiredKeys: ["contents"] },
  );

  it("means the same as applyEdits", () => {
    const fixtures = fc.constantFrom(...names("requests").map((name) => readJson(`requests/${name}`)));
    fc.assert(
      fc.property(fc.oneof(body, fixtures), edits, (given, wanted) => {
        const before = structuredClone(given);
        const edited = editRequest(given as Record<string, unknown>, wanted);
        expect(given).toEqual(before);
        for (const model of ["gemini-2.5-flash", "gemini-3-pro"]) {
          const from = { ...call(), params: { model } };
          expect(meaning(parseRequest(edited, from))).toEqual(
            meaning(applyEdits(parseRequest(given, from), wanted)),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** What reaches the provider. A request may be edited down to nothing; a last word keeps it one. */
function meaning(request: UnifiedRequest): unknown {
  const last: Message = { role: "user", content: [{ type: "text", text: "." }] };
  const { body, dropped } = buildRequest({ ...request, messages: [...request.messages, last] });
  return { body, dropped };
}
