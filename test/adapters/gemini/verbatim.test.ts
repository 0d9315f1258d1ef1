import { describe, expect, it } from "vitest";
import { foldEvents } from "../../../adapters/fold.ts";
import { buildRequest } from "../../../adapters/gemini/build-request.ts";
import { parseRequest } from "../../../adapters/gemini/parse-request.ts";
import { parseResponse } from "../../../adapters/gemini/parse-response.ts";
import { writeResponse } from "../../../adapters/gemini/write-response.ts";
import { createStreamWriter } from "../../../adapters/gemini/write-stream.ts";
import type { FinishReason, UnifiedResult } from "../../../adapters/unified.ts";
import { call, context, names, parse, parseAll, readJson, readText, request } from "./fixtures.ts";

/** What we cannot but change: our own ids and names, and ids of tokens, which the unified form has no room for. */
const OURS = new Set(["modelVersion", "responseId", "tokenId", "id"]);
const comparable = (body: unknown): unknown =>
  JSON.parse(JSON.stringify(body), (key, value: unknown) => (OURS.has(key) ? undefined : value));

describe("a Gemini provider's answer on its way through the unified format", () => {
  const written = (name: string) =>
    writeResponse(parseResponse(readJson(`responses/${name}`), request()), context());
  // No answers; without counts, content or arguments, which are always written; with a text told in two.
  const others = ["error", "malformed-call", "no-candidates", "no-usage", "recitation", "thinking-and-tools"];
  const skipped = [...others, "signed-text"].map((name) => `${name}.json`);

  it.each(names("responses").filter((name) => !skipped.includes(name)))("is %s again", (name) => {
    expect(comparable(written(name))).toEqual(comparable(readJson(`responses/${name}`)));
  });

  it("says why it was blocked, beside the content", () => {
    expect(written("recitation.json")).toMatchObject({ candidates: [{ finishReason: "RECITATION" }] });
    expect(written("blocked-prompt.json")).not.toHaveProperty("candidates");
    expect(written("blocked-prompt.json")).toMatchObject({
      promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
    });
  });

  it.each(names("streams"))("tells in the stream of %s what a whole answer tells", (name) => {
    const events = parseAll([readText(`streams/${name}`)]);
    if (events.at(-1)?.type === "error") return;
    const writer = createStreamWriter(context({}, call("stream", "")));
    const text = events.map((event) => writer.push([event])).join("") + writer.end();
    const chunks = JSON.parse(text) as { candidates?: { content: { parts: object[] } }[] }[];
    const { candidates, ...around } = writeResponse(foldEvents(events), context());
    const { content: _content, ...candidate } = candidates?.[0] ?? {};
    expect(chunks.at(-1)).toMatchObject(around);
    if (candidates && !name.startsWith("logprobs")) {
      expect(chunks.at(-1)).toMatchObject({ candidates: [candidate] });
      const native = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content.parts ?? []).filter(isOther);
      expect(native).toEqual(candidates[0]?.content.parts.filter(isOther));
    }
  });
  const isOther = (part: object): boolean => !("text" in part) && !("functionCall" in part);

  it("tells others of Google's own tools in words, and its clients in parts", () => {
    const { content } = foldEvents(parse([readText("streams/code-execution.sse")]));
    expect(content).toMatchObject([{ type: "text", text: expect.stringContaining("```python") as string }]);
    const parts = written("code-execution.json").candidates?.[0]?.content.parts ?? [];
    expect(JSON.stringify(parts)).toContain('"executableCode"');
    expect(JSON.stringify(parts)).not.toContain("```");
  });

  it("keeps the signature at the end of a text, for Gemini's clients alone", () => {
    const body = {
      candidates: [
        { content: { parts: [{ text: "Four.", thoughtSignature: "QQ==" }] }, finishReason: "STOP" },
      ],
    };
    const result = parseResponse(body, request());
    expect(writeResponse(result, context()).candidates?.[0]?.content.parts).toEqual([
      { text: "Four." },
      { text: "", thoughtSignature: "QQ==" },
    ]);
    expect(result.content.map(({ type }) => type)).toEqual(["text", "text"]);
  });

  it("keeps no reason and no counts that no longer fit", () => {
    const result = parseResponse(readJson("responses/recitation.json"), request());
    const changed = (more: Partial<UnifiedResult>) => writeResponse({ ...result, ...more }, context());
    const finishReason: FinishReason = "length";
    expect(changed({ finishReason })).toMatchObject({ candidates: [{ finishReason: "MAX_TOKENS" }] });
    expect(changed({ usage: { inputTokens: 1, outputTokens: 2 } })).toMatchObject({
      usageMetadata: { promptTokenCount: 1, totalTokenCount: 3 },
    });
    const foreign = { origin: "claude", body: { candidate: { tokenCount: 1 } } };
    expect(changed({ native: foreign })).not.toMatchObject({ candidates: [{ tokenCount: 1 }] });
  });

  it("gives the counts that are known before the answer on every chunk", () => {
    const writer = createStreamWriter(context({}, call("stream", "")));
    const usage = { inputTokens: 7, outputTokens: 1 };
    const text =
      writer.push([
        { type: "start", usage },
        { type: "text-delta", text: "a" },
      ]) +
      writer.push([{ type: "finish", reason: "stop", usage: { inputTokens: 7, outputTokens: 9 } }]) +
      writer.end();
    const promptTokensDetails = [{ modality: "TEXT", tokenCount: 7 }];
    expect(JSON.parse(text)).toMatchObject([
      { usageMetadata: { promptTokenCount: 7, totalTokenCount: 7, promptTokensDetails } },
      { usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 9, totalTokenCount: 16 } },
    ]);
    expect(parseAll([readText("streams/text.sse")])[0]).toMatchObject({ usage: { inputTokens: 12 } });
  });
});

describe("a Gemini client's request on its way to a Gemini provider", () => {
  const user = (...parts: object[]) => ({ role: "user", parts });
  const model = (...parts: object[]) => ({ role: "model", parts });
  const through = (contents: object[], more: object = {}) => {
    const parsed = parseRequest({ contents, ...more }, call("generate"));
    return { parsed, body: buildRequest({ ...parsed, model: "gemini-2.5-flash" }).body };
  };

  it("keeps parts that only Gemini has, and what stands beside those that all have", () => {
    const image = { inlineData: { mimeType: "image/png", data: "AA==", displayName: "a.png" } };
    const contents = [
      user(
        { text: "hi", partMetadata: { file: "a" } },
        {
          fileData: { fileUri: "https://a.example/v.mp4", mimeType: "video/mp4" },
          videoMetadata: { fps: 5 },
        },
        { ...image, mediaResolution: { level: "MEDIA_RESOLUTION_LOW" } },
      ),
      model(
        {
          toolCall: { toolType: "GOOGLE_SEARCH_WEB", id: "s1", args: { queries: ["q"] } },
          thoughtSignature: "QQ==",
        },
        { toolResponse: { toolType: "GOOGLE_SEARCH_WEB", id: "s1", response: {} } },
        { executableCode: { language: "PYTHON", code: "1", id: "c" } },
        { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1", id: "c" } },
        { functionCall: { id: "f1", name: "look", args: {} } },
      ),
      user({
        functionResponse: {
          id: "f1",
          name: "look",
          response: { result: { degrees: 21 }, exitCode: 0 },
          parts: [image],
          scheduling: "SILENT",
        },
      }),
    ];
    const { parsed, body } = through(contents);
    expect(body?.contents).toEqual(contents);
    expect(parsed.unread).toEqual(["videoMetadata", "mediaResolution", "scheduling"]);
    expect(parsed.messages[1]?.content.slice(-2)).toMatchObject([
      { type: "text", text: "```output\n1\n```" },
      { type: "tool-call" },
    ]);
  });

  it("takes out what was changed on the way", () => {
    const contents = [
      user({ text: "old", partMetadata: {} }),
      model({ functionCall: { id: "f", name: "look", args: {} } }),
      user({
        functionResponse: { id: "f", name: "look", response: { output: "x" }, parts: [{ text: "p" }] },
      }),
    ];
    const { parsed } = through(contents);
    const [first, ...others] = parsed.messages;
    if (first?.role !== "user") throw new Error("no user");
    const content = first.content.map((part) => (part.type === "text" ? { ...part, text: "new" } : part));
    const { body } = buildRequest({ ...parsed, messages: [{ ...first, content }, ...others] });
    expect(body?.contents).toMatchObject([
      { parts: [{ text: "new", partMetadata: {} }] },
      {},
      { parts: [{ functionResponse: { response: { output: "x" } } }] },
    ]);
    expect(JSON.stringify(body)).not.toContain('"p"');
  });

  it("names what other providers cannot follow, but not what changes nothing", () => {
    const { parsed, body } = through([user({ text: "hi" })], {
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
      labels: { a: "b" },
      store: false,
      serviceTier: "flex",
      toolConfig: { retrievalConfig: { languageCode: "de" } },
      generationConfig: {
        responseModalities: ["IMAGE"],
        speechConfig: {},
        mediaResolution: "MEDIA_RESOLUTION_LOW",
        responseMimeType: "text/x.enum",
      },
    });
    expect(parsed.unread).toEqual([
      "responseModalities",
      "speechConfig",
      "mediaResolution",
      "responseMimeType",
      "safetySettings",
      "retrievalConfig",
    ]);
    expect(body).toMatchObject({
      labels: { a: "b" },
      store: false,
      serviceTier: "flex",
      toolConfig: { retrievalConfig: { languageCode: "de" } },
      generationConfig: { responseModalities: ["IMAGE"], responseMimeType: "text/x.enum" },
    });
    const plain = { safetySettings: [], generationConfig: { responseModalities: ["TEXT"] } };
    expect(through([user({ text: "hi" })], plain).parsed.unread).toBeUndefined();
  });

  it("is refused elsewhere where it goes on with half an answer", () => {
    expect(through([user({ text: "hi" })], { continuationToken: "QQ==" }).parsed.nativeOnly).toContain(
      "go on",
    );
  });
});
