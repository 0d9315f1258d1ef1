import { describe, expect, it } from "vitest";
import { GatewayError, type ErrorKind } from "../../../adapters/errors.ts";
import { foldEvents } from "../../../adapters/fold.ts";
import { gemini } from "../../../adapters/gemini/index.ts";
import { parseRequest } from "../../../adapters/gemini/parse-request.ts";
import { parseResponse } from "../../../adapters/gemini/parse-response.ts";
import { openThought } from "../../../adapters/gemini/seal-thought.ts";
import { writeError } from "../../../adapters/gemini/write-error.ts";
import { writeResponse } from "../../../adapters/gemini/write-response.ts";
import { createStreamWriter } from "../../../adapters/gemini/write-stream.ts";
import type { StreamEvent } from "../../../adapters/unified.ts";
import { call, context, names, parseAll, readJson, readText, request } from "./fixtures.ts";

const write = (batches: StreamEvent[][], query = "alt=sse", more = {}) => {
  const writer = createStreamWriter(context(more, call("stream", query)));
  return batches.map((events) => writer.push(events)).join("") + writer.end();
};
interface Chunk {
  candidates?: { content: { parts: unknown[] }; finishReason?: string; finishMessage?: string }[];
  usageMetadata?: object;
  error?: object;
}
const chunksOf = (text: string): Chunk[] =>
  text
    .split("\r\n\r\n")
    .filter((frame) => frame !== "")
    .map((frame) => JSON.parse(frame.replace(/^data: /, "")) as Chunk);
const partsOf = (text: string) => chunksOf(text).map((chunk) => chunk.candidates?.[0]?.content.parts);
const finish: StreamEvent = { type: "finish", reason: "stop", usage: { inputTokens: 5, outputTokens: 7 } };
const calls: StreamEvent[] = [
  { type: "start" },
  { type: "text-delta", text: "I " },
  { type: "text-delta", text: "look." },
  { type: "tool-start", index: 0, id: "a", name: "find", signature: { origin: "gemini", value: "QQ==" } },
  { type: "tool-start", index: 1, id: "b", name: "list" },
  { type: "tool-delta", index: 0, json: '{"q":' },
  { type: "tool-delta", index: 0, json: '"x"}' },
  {
    type: "finish",
    reason: "tool-calls",
    usage: { inputTokens: 5, outputTokens: 7, reasoningTokens: 3, cachedTokens: 2 },
  },
];
const callParts = [
  { text: "I look." },
  { functionCall: { id: "a", name: "find", args: { q: "x" } }, thoughtSignature: "QQ==" },
  { functionCall: { id: "b", name: "list", args: {} } },
];

describe("createStreamWriter", () => {
  it("trap 28: writes calls whole and in order, with counts and finish reason at the end", () => {
    expect(chunksOf(write([calls]))).toEqual([
      {
        candidates: [{ content: { role: "model", parts: callParts }, finishReason: "STOP", index: 0 }],
        usageMetadata: {
          promptTokenCount: 5,
          candidatesTokenCount: 4,
          totalTokenCount: 12,
          cachedContentTokenCount: 2,
          promptTokensDetails: [{ modality: "TEXT", tokenCount: 5 }],
          cacheTokensDetails: [{ modality: "TEXT", tokenCount: 2 }],
          thoughtsTokenCount: 3,
        },
        modelVersion: "asked-for",
        responseId: "a".repeat(24),
      },
    ]);
    expect(partsOf(write(calls.map((event) => [event])))).toEqual([
      [{ text: "I " }],
      [{ text: "look." }],
      [callParts[1]],
      [callParts[2]],
    ]);
  });

  it("trap 42: writes a JSON array where no events are asked for", () => {
    const text = write([[{ type: "start" }], [{ type: "text-delta", text: "a" }], [finish]], "");
    expect(text.startsWith('[{"candidates"')).toBe(true);
    expect(text).toContain('},\r\n{"candidates"');
    expect((JSON.parse(text) as Chunk[]).map((chunk) => chunk.candidates?.[0]?.finishReason)).toEqual([
      undefined,
      "STOP",
    ]);
    expect(gemini.client?.streamHeaders(call("stream", ""))["content-type"]).toMatch(/^application\/json/);
    expect(gemini.client?.streamHeaders(call())["content-type"]).toMatch(/^text\/event-stream/);
    const failed = write([[{ type: "text-delta", text: "a" }], [failure]], "");
    expect(JSON.parse(failed)).toMatchObject([{ candidates: [{}] }, { error: { code: 503 } }]);
    expect(JSON.parse(write([], ""))).toEqual([]);
  });

  const failure: StreamEvent = { type: "error", error: new GatewayError("overloaded", "too much") };

  it("trap 39: an error ends the stream without a finish reason, and nothing follows it", () => {
    const chunks = chunksOf(write([[{ type: "text-delta", text: "a" }, failure, finish], [finish]]));
    expect(chunks).toHaveLength(2);
    expect(chunks[0]?.candidates?.[0]).not.toHaveProperty("finishReason");
    expect(chunks[1]).toEqual({ error: { code: 503, message: "too much", status: "UNAVAILABLE" } });
  });

  it("trap 37: gives counts even where none are known", () => {
    expect(chunksOf(write([[{ type: "finish", reason: "length" }]]))).toMatchObject([
      {
        candidates: [{ content: { parts: [{ text: "" }] }, finishReason: "MAX_TOKENS" }],
        usageMetadata: { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 },
      },
    ]);
  });

  it("tells a refusal beside the content where it is one of the filter", () => {
    const refused: StreamEvent = { type: "refusal-delta", text: "No." };
    const filtered = chunksOf(write([[refused], [{ type: "finish", reason: "content-filter" }]]));
    expect(filtered[0]?.candidates?.[0]).toMatchObject({ finishReason: "SAFETY", finishMessage: "No." });
    expect(partsOf(write([[refused], [finish]]))).toEqual([[{ text: "No." }]]);
  });

  const thoughts: StreamEvent[] = [
    { type: "thinking-delta", text: "hm" },
    { type: "thinking-signature", signature: { origin: "claude", value: "Eq.x" } },
    { type: "thinking-signature", signature: { origin: "claude", value: "hidden" }, redacted: true },
    { type: "text-delta", text: "so" },
    finish,
  ];

  it("trap 21: seals other protocols' thoughts in base64, which SDKs decode, and opens them again", () => {
    const [parts] = partsOf(write([thoughts])) as [
      { text: string; thought?: true; thoughtSignature?: string }[],
    ];
    expect(parts.map(({ text, thought }) => [text, thought])).toEqual([
      ["hm", true],
      ["", true],
      ["so", undefined],
    ]);
    for (const { thoughtSignature } of parts.slice(0, 2)) expect(thoughtSignature).toMatch(/^[\w+/]+=*$/);
    expect(openThought(parts[0]?.thoughtSignature)).toEqual({
      signature: { origin: "claude", value: "Eq.x" },
    });
    expect(openThought(parts[1]?.thoughtSignature)).toEqual({
      signature: { origin: "claude", value: "hidden" },
      redacted: true,
      before: true,
    });
    const streamed = partsOf(write(thoughts.map((event) => [event]))).flat();
    expect(streamed.slice(0, 2)).toEqual([
      { text: "hm", thought: true },
      { text: "", thought: true, thoughtSignature: parts[0]?.thoughtSignature },
    ]);
  });

  it.each([undefined, { mode: "on", visible: false }])(
    "trap 20: keeps thoughts to itself with %o, and their seals on the part behind, from where they come back",
    (thinking) => {
      const hidden = (batches: StreamEvent[][]) => partsOf(write(batches, "alt=sse", { thinking })).flat();
      const [first, text] = hidden([thoughts]) as { text: string; thoughtSignature: string }[];
      expect(first).toMatchObject({ text: "", thought: true });
      expect(text).toEqual({ text: "so", thoughtSignature: text?.thoughtSignature });
      expect(hidden(thoughts.map((event) => [event]))).toEqual([first, text, { text: "" }]);
      expect(write([thoughts], "alt=sse", { thinking })).not.toContain("hm");
      const contents = [
        { role: "user", parts: [{ text: "hi" }] },
        { role: "model", parts: [first, text] },
      ];
      expect(parseRequest({ contents }, call()).messages[1]?.content).toEqual([
        { type: "thinking", text: "", signature: { origin: "claude", value: "Eq.x" } },
        { type: "thinking", text: "", signature: { origin: "claude", value: "hidden" }, redacted: true },
        { type: "text", text: "so" },
      ]);
    },
  );

  it("trap 20: puts the seal of a thought nobody sees on the call behind it, or at the end where nothing is", () => {
    const seal: StreamEvent = { type: "thinking-signature", signature: { origin: "claude", value: "Eq" } };
    const bare: StreamEvent[] = [
      { type: "tool-start", index: 0, id: "a", name: "find" },
      { type: "tool-start", index: 1, id: "b", name: "list" },
    ];
    const [onCall] = partsOf(write([[seal, ...bare, finish]], "alt=sse", { thinking: undefined })) as [
      { functionCall?: object; thoughtSignature?: string }[],
    ];
    expect(onCall.map((part) => [Boolean(part.functionCall), Boolean(part.thoughtSignature)])).toEqual([
      [true, true],
      [true, false],
    ]);
    const contents = [
      { role: "user", parts: [{ text: "hi" }] },
      { role: "model", parts: onCall },
    ];
    expect(parseRequest({ contents }, call()).messages[1]?.content).toMatchObject([
      { type: "thinking", text: "", signature: { origin: "claude", value: "Eq" } },
      { type: "tool-call" },
      { type: "tool-call" },
    ]);
    expect(partsOf(write([[seal, finish]], "alt=sse", { thinking: undefined }))).toMatchObject([
      [{ text: "", thought: true }],
    ]);
  });

  it.each(names("streams"))("%s reads the same after it was written", (name) => {
    const events = parseAll([readText(`streams/${name}`)]);
    if (events.at(-1)?.type === "error") return;
    for (const query of ["alt=sse", ""]) {
      for (const batches of [[events], events.map((event) => [event])]) {
        const { id: _id, model: _model, ...again } = foldEvents(parseAll([write(batches, query)]));
        const { id: _first, model: _named, ...meant } = foldEvents(events);
        const content = (parts: typeof meant.content) =>
          parts.map((part) =>
            part.type === "tool-call" ? { ...part, id: "", args: JSON.parse(part.args) as unknown } : part,
          );
        expect({ ...again, content: content(again.content) }).toEqual({
          ...meant,
          content: content(meant.content),
        });
      }
    }
  });
});

describe("writeResponse", () => {
  it.each(names("streams"))("is the stream of %s in one", (name) => {
    const events = parseAll([readText(`streams/${name}`)]);
    if (events.at(-1)?.type === "error") return;
    const [whole] = chunksOf(write([events]));
    const { id: _id, ...body } = writeResponse(foldEvents(events), context()) as Chunk & { id?: string };
    expect(body).toEqual(whole);
  });

  it("writes probabilities in Gemini's words", () => {
    const { candidates } = readJson("responses/logprobs.json") as {
      candidates: { logprobsResult: object }[];
    };
    const written = writeResponse(parseResponse(readJson("responses/logprobs.json"), request()), context());
    expect(written).toMatchObject({
      candidates: [
        {
          logprobsResult: JSON.parse(
            JSON.stringify(candidates[0]?.logprobsResult).replace('"tokenId":1,', ""),
          ) as object,
        },
      ],
    });
  });
});

describe("writeError", () => {
  it.each<[ErrorKind, number, string]>([
    ["invalid-request", 400, "INVALID_ARGUMENT"],
    ["authentication", 401, "UNAUTHENTICATED"],
    ["permission", 403, "PERMISSION_DENIED"],
    ["not-found", 404, "NOT_FOUND"],
    ["too-large", 413, "INVALID_ARGUMENT"],
    ["rate-limit", 429, "RESOURCE_EXHAUSTED"],
    ["overloaded", 503, "UNAVAILABLE"],
    ["upstream-auth", 502, "INTERNAL"],
    ["timeout", 504, "DEADLINE_EXCEEDED"],
    ["cancelled", 499, "CANCELLED"],
    ["internal", 500, "INTERNAL"],
  ])("%s is %i %s", (kind, code, status) => {
    const written = writeError(new GatewayError(kind, "m"));
    expect(written.status).toBe(code);
    expect(JSON.parse(written.body)).toEqual({ error: { code, message: "m", status } });
  });

  it("says when to come back, where it went wrong and why", () => {
    const error = new GatewayError("rate-limit", "m", { retryAfterMs: 1200, param: "p", code: "c" });
    const { headers, body } = writeError(error);
    expect(headers["retry-after"]).toBe("2");
    expect(JSON.parse(body)).toMatchObject({
      error: {
        details: [
          { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "c" },
          { fieldViolations: [{ field: "p" }] },
          { retryDelay: "2s" },
        ],
      },
    });
  });

  it("is an array where the stream would have been one", () => {
    const error = new GatewayError("not-found", "m");
    const written = (variant: string, query: string) =>
      JSON.parse(writeError(error, call(variant, query)).body) as unknown;
    const body = { error: { code: 404, message: "m", status: "NOT_FOUND" } };
    expect(written("stream", "")).toEqual([body]);
    expect(written("stream", "alt=sse")).toEqual(body);
    expect(written("generate", "")).toEqual(body);
  });
});

describe("other answers", () => {
  it("counts tokens by modality where all is text", () => {
    const media = {
      messages: [
        {
          role: "user" as const,
          content: [
            { type: "media" as const, mimeType: "image/png", source: { kind: "url" as const, url: "u" } },
          ],
        },
      ],
    };
    const count = (more: object) => gemini.client?.writeTokenCount?.(5, call("count"), context(more).request);
    expect(count({})).toEqual({
      totalTokens: 5,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 5 }],
    });
    expect(count(media)).toEqual({ totalTokens: 5 });
  });

  it("lists models in pages where the client wants them", () => {
    const models = ["a", "b", "c"].map((id) => ({ id }));
    const page = (query: string) => {
      const list = gemini.client?.models?.writeList(models, call("list", query)) as {
        models: { name: string }[];
        nextPageToken?: string;
      };
      return [list.models.map(({ name }) => name.slice(7)).join(""), list.nextPageToken];
    };
    expect(page("")).toEqual(["abc", undefined]);
    expect(page("pageSize=2")).toEqual(["ab", "2"]);
    expect(page("page_size=2&pageToken=2")).toEqual(["c", undefined]);
    expect(page("pageSize=2&pageToken=9")).toEqual(["", undefined]);
    expect(() => page("pageToken=zz")).toThrow("pageToken");
  });

  it("says on the whole how likely the tokens were", () => {
    const logprobs = [
      { token: "a", logprob: -0.5 },
      { token: "b", logprob: -0.25 },
    ];
    const result = { content: [], finishReason: "stop" as const, logprobs };
    expect(writeResponse(result, context()).candidates?.[0]?.avgLogprobs).toBe(-0.375);
  });
});
