import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { adapters } from "../adapters/index.ts";
import type { Adapter } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import { createFold, foldEvents, replay } from "../adapters/fold.ts";
import type { StreamEvent, UnifiedRequest } from "../adapters/unified.ts";
import { createUtf8Lines } from "../server/utf8-lines.ts";
import { listFixtures, loadRequests, readFixture, toCall } from "./support/fixtures.ts";
import { meaning } from "./support/meaning.ts";

/** What every protocol's folder promises, checked over every fixture there is. */
const FILES = [
  "build-request",
  "edit-request",
  "finish-reason",
  "index",
  "models",
  "parse-error",
  "parse-request",
  "parse-response",
  "parse-stream",
  "usage",
  "wire",
  "write-error",
  "write-response",
  "write-stream",
].map((name) => `${name}.ts`);

const asked: UnifiedRequest = {
  model: "some-model",
  messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
  stream: true,
};

describe.each(adapters.map((adapter) => [adapter.protocol, adapter] as const))("%s", (protocol, adapter) => {
  it("has the files that every protocol's folder has, and no folder is left out of the registry", () => {
    const files = readdirSync(new URL(`../adapters/${protocol}/`, import.meta.url));
    expect(files).toEqual(expect.arrayContaining(FILES));
    const folders = readdirSync(new URL("../adapters/", import.meta.url), { withFileTypes: true });
    expect(adapters.map((one) => one.protocol).sort()).toEqual(
      folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name),
    );
  });

  it("has fixtures of requests, responses and streams, and says where they are from", () => {
    expect(listFixtures(protocol)).toEqual(
      expect.arrayContaining(["README.md", "requests", "responses", "streams"]),
    );
    for (const folder of ["requests", "responses", "streams"]) {
      expect(listFixtures(`${protocol}/${folder}`)).not.toEqual([]);
    }
  });

  describe.each(listFixtures(`${protocol}/streams`))("stream %s", (name) => {
    const lf = readFixture(`${protocol}/streams/${name}`).replaceAll("\r\n", "\n");
    const whole = parse(adapter, [lf]);

    it("ends with exactly one finish or error, and nothing comes after it", () => {
      const isEnd = ({ type }: StreamEvent): boolean => type === "finish" || type === "error";
      for (const events of [whole, parse(adapter, [lf, lf])]) {
        expect(events.filter(isEnd)).toHaveLength(1);
        expect(isEnd(events.at(-1) as StreamEvent)).toBe(true);
      }
    });

    it("is the same for every cut, with LF and CRLF, by letter and by byte", () => {
      const expected = show(whole);
      const folded = fold([whole]);
      for (const text of [lf, lf.replaceAll("\n", "\r\n")]) {
        expect(show(parse(adapter, [...text]))).toBe(expected);
        expect(show(parseBytes(adapter, Buffer.from(text)))).toBe(expected);
        // Every cut of a small stream, some hundred of a large one.
        const step = Math.ceil(text.length / MAX_CUTS);
        for (let at = 1; at < text.length; at += step) {
          const pieces = [text.slice(0, at), text.slice(at)];
          if (show(parse(adapter, pieces)) !== expected) expect.fail(`cut at ${at}: ${pieces.join("‖")}`);
        }
      }
      expect(fold(parseBatches(adapter, [...lf]))).toEqual(folded);
    });

    it("survives the way through its own client's writer", () => {
      if (!adapter.client || whole.at(-1)?.type === "error") return;
      let ids = 0;
      const newId = (): string => `id${ids++}`.padEnd(24, "0");
      const call = toCall(adapter.provider.buildRequest(asked).path);
      // Gemini's clients see no thoughts unless they ask for them.
      const request = { ...asked, thinking: { mode: "on" as const } };
      const context = { call, request, id: newId(), newId, createdAt: 0, now: () => 1000 };
      const written = adapter.client.createStreamWriter(context);
      const text = whole.map((event) => written.push([event])).join("") + written.end();
      const told = foldEvents(parse(adapter, [text]));
      const meant = foldEvents(whole);
      expect(told.finishReason).toBe(meant.finishReason);
      expect(told.content.map((part) => part.type)).toEqual(meant.content.map((part) => part.type));
      // Claude's protocol tells a refusal as text.
      expect(textOf(told) + (told.refusal ?? "")).toBe(textOf(meant) + (meant.refusal ?? ""));
    });
  });

  describe.each(listFixtures(`${protocol}/responses`).filter((name) => name.endsWith(".json")))(
    "response %s",
    (name) => {
      const body = JSON.parse(readFixture(`${protocol}/responses/${name}`)) as unknown;

      it("is read and replayed, or is an error", () => {
        const before = structuredClone(body);
        let result;
        try {
          result = adapter.provider.parseResponse(body, { ...asked, stream: false });
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
          return;
        }
        expect(body).toEqual(before);
        const events = replay(result);
        expect(events.at(-1)).toMatchObject({ type: "finish" });
        const again = foldEvents(events);
        expect(textOf(again)).toBe(textOf(result));
        expect({ ...again, content: typesOf(again) }).toEqual({ ...result, content: typesOf(result) });
        expect(show(replay(again))).toBe(show(events));
      });
    },
  );

  describe.each(loadRequests(adapter).map((fixture) => [fixture.name, fixture] as const))(
    "request %s",
    (name, { body, call, face }) => {
      it("is read without touching the body, and means the same when it is written again", () => {
        const before = JSON.stringify(body);
        const request = face.parseRequest(body, call);
        expect(JSON.stringify(body)).toBe(before);
        expect(JSON.stringify(face.parseRequest(body, call))).toBe(JSON.stringify(request));
        if (request.nativeOnly !== undefined) return;
        const wire = adapter.provider.buildRequest(request);
        expect(wire.dropped ?? []).toEqual([]);
        const again = face.parseRequest(wire.body, toCall(wire.path));
        if (!CHANGED.has(name)) expect(meaning(again)).toEqual(meaning(request));
        // From here on nothing may drift: the second writing is the first.
        expect(adapter.provider.buildRequest(again).body).toEqual(wire.body);
      });
    },
  );
});

function parseBatches({ provider }: Adapter, pieces: Iterable<string>): StreamEvent[][] {
  const parser = provider.createStreamParser(asked);
  const batches: StreamEvent[][] = [];
  for (const piece of pieces) batches.push(parser.push(piece));
  return [...batches, parser.end()];
}

const parse = (adapter: Adapter, pieces: Iterable<string>): StreamEvent[] =>
  parseBatches(adapter, pieces).flat();

/** As the daemon reads it: byte by byte off the wire, through the decoder that keeps characters whole. */
function parseBytes(adapter: Adapter, bytes: Buffer): StreamEvent[] {
  const lines = createUtf8Lines();
  const pieces = Array.from(bytes, (_byte, at) => lines.push(bytes.subarray(at, at + 1)));
  return parse(
    adapter,
    [...pieces, lines.end()].filter((piece) => piece !== ""),
  );
}

/** Events as text: errors by what they say. */
const show = (events: StreamEvent[]): string =>
  JSON.stringify(events, (_key, value: unknown) =>
    value instanceof GatewayError
      ? { kind: value.kind, message: value.message, code: value.code, retryAfterMs: value.retryAfterMs }
      : value,
  );

function fold(batches: StreamEvent[][]): unknown {
  const folded = createFold();
  try {
    for (const events of batches) folded.push(events);
    return folded.end();
  } catch (error) {
    return { error: String(error) };
  }
}

const typesOf = (result: { content: { type: string }[] }): string[] => [
  ...new Set(result.content.map((part) => part.type)),
];
const textOf = (result: { content: { type: string; text?: string }[] }): string =>
  result.content.map((part) => (part.type === "text" ? part.text : "")).join("");

/**
 * Chat completions as other providers know them: no custom tools and no `functions`, no thoughts in the history, no
 * pictures in results. These are written in another way, and mean that from then on.
 */
const CHANGED = new Set(
  ["custom-tools", "legacy-functions", "parallel-results"].map((name) => `openai/${name}.json`),
);

const MAX_CUTS = 400;
