import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Adapter } from "../../adapters/adapter.ts";
import type { StreamEvent, UnifiedRequest } from "../../adapters/unified.ts";
import { findAdapter, adapters } from "../../adapters/index.ts";
import type { Candidate } from "../../routing/candidate.ts";
import { createCallSignatures } from "../../server/call-signatures.ts";
import type { ChatWork } from "../../server/chat-work.ts";
import { convertAny } from "../../server/convert.ts";
import { convertPlain } from "../../server/convert-plain.ts";
import { createStopper } from "../../server/stop-signal.ts";
import type { Upstream } from "../../server/upstream.ts";
import { createMeter } from "../../server/usage/meter.ts";
import { userText } from "../support/ask.ts";

const manner = {
  emulate: false,
  unthinking: false,
  imageless: false,
  jsonless: false,
  constrain: false,
  unstreamed: false,
};
const candidate: Candidate = {
  providerId: "p",
  provider: { protocol: "openai", baseUrl: "http://127.0.0.1:9/v1" },
  model: "real",
  keyName: "p#1",
  names: { target: "p/real", key: "p#1", model: "p/real p#1" } as unknown as Candidate["names"],
  tools: "native",
  compat: {},
};

/** A provider that says this, in these pieces, and ends or breaks off. */
const answering = (type: string, pieces: Buffer[]): Upstream =>
  ({
    send(_provider, _request, sink) {
      setImmediate(() => {
        sink.onHead(200, { "content-type": type });
        for (const piece of pieces) sink.onData(piece);
        sink.onEnd();
      });
      return { abort: () => undefined, pause: () => undefined, resume: () => undefined };
    },
  }) as Upstream;

/** What becomes of an answer: what its client is given, what is noted of it, and what went wrong. */
async function run(
  convert: typeof convertPlain,
  stream: boolean,
  upstream: Upstream,
  known: readonly Adapter[] = adapters,
) {
  const taken: StreamEvent[] = [];
  let ended = 0;
  let ids = 0;
  const claude = findAdapter("claude");
  const entry: Record<string, unknown> = {};
  const meter = createMeter();
  const signatures = createCallSignatures();
  const request: UnifiedRequest = { model: "real", messages: [userText("hi")], stream };
  const work = {
    exchange: {
      adapter: claude,
      face: claude?.client,
      call: { headers: {} },
      deps: {
        adapters: known,
        upstream,
        callSignatures: signatures,
        newId: () => `${++ids}`.padStart(24, "0"),
        storage: { resolveKey: () => undefined },
      },
      entry,
      meter,
      signal: createStopper().signal,
    },
    request,
    text: "{}",
    warnings: [],
    answer: {
      take: (events: StreamEvent[]) => taken.push(...events) > 0,
      finish: () => ended++,
      onDrain: (resume: () => void) => resume(),
    },
  } as unknown as ChatWork;
  const failure = await convert(work, candidate, manner, request);
  return { taken, ended, entry, spent: meter.spent(), failure: failure && [failure.kind, failure.message] };
}

const delta = fc.oneof(
  fc.string({ minLength: 1, maxLength: 9 }).map((content) => ({ content })),
  fc
    .record({
      index: fc.nat(2),
      id: fc.constantFrom("c1", "c2", "", undefined),
      args: fc.string({ maxLength: 5 }),
    })
    .map(({ index, id, args }) => ({
      tool_calls: [
        {
          index,
          ...(id !== undefined && { id, type: "function" }),
          function: { ...(id !== undefined && { name: "f" }), arguments: args },
        },
      ],
    })),
);
const answer = fc.record({
  deltas: fc.array(delta, { maxLength: 6 }),
  end: fc.constantFrom("stop", "tool_calls", "length", "error", undefined),
  usage: fc.boolean(),
  cuts: fc.array(fc.nat(2000), { maxLength: 5 }),
});

describe("convertPlain", () => {
  it.each([true, false])("does what the longer way does, streamed: %s", async (stream) => {
    await fc.assert(
      fc.asyncProperty(answer, fc.boolean(), async ({ deltas, end, usage, cuts }, whole) => {
        const counts = usage ? { prompt_tokens: 3, completion_tokens: 4 } : undefined;
        const text = whole
          ? JSON.stringify({
              id: "a",
              choices: [
                {
                  index: 0,
                  message: { role: "assistant", ...Object.assign({}, ...deltas) },
                  finish_reason: end,
                },
              ],
              usage: counts,
              ...(end === "error" && { error: { message: "broken" } }),
            })
          : [
              ...deltas.map((one) => ({ id: "a", choices: [{ index: 0, delta: one }] })),
              ...(end === "error" ? [{ error: { message: "broken" } }] : []),
              ...(end && end !== "error"
                ? [{ choices: [{ index: 0, delta: {}, finish_reason: end }], usage: counts }]
                : []),
            ]
              .map((one) => `data: ${JSON.stringify(one)}\n\n`)
              .join("");
        const bytes = Buffer.from(text);
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted(
          (a, b) => a - b,
        );
        const pieces = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
        const type = whole ? "application/json" : "text/event-stream";
        const [plain, any] = await Promise.all([
          run(convertPlain, stream, answering(type, pieces)),
          run(convertAny, stream, answering(type, pieces)),
        ]);
        expect(plain).toEqual(any);
      }),
      { numRuns: 1500 },
    );
  });

  it("gives an error where no reader said that the answer is over", async () => {
    const known = adapters.map((adapter) => ({
      ...adapter,
      provider: {
        ...adapter.provider,
        createStreamParser: () => ({
          push: (): StreamEvent[] => [{ type: "text-delta", text: "a" }],
          end: () => [],
        }),
      },
    }));
    const upstream = answering("text/event-stream", [Buffer.from("data: 1\n\n")]);
    const plain = await run(convertPlain, true, upstream, known);
    expect(plain).toMatchObject({
      ended: 0,
      failure: ["upstream", expect.stringContaining("before it was finished")],
    });
    expect(plain).toEqual(await run(convertAny, true, upstream, known));
  });
});
