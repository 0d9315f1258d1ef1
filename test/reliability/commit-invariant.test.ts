import type { ServerResponse } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findAdapter } from "../../adapters/index.ts";
import { GatewayError } from "../../adapters/errors.ts";
import { foldEvents } from "../../adapters/fold.ts";
import type { StreamEvent, UnifiedRequest } from "../../adapters/unified.ts";
import { createAnswer } from "../../server/answer.ts";
import { createJoinedWrites } from "../../server/joined-writes.ts";
import { ask, userText } from "../support/ask.ts";
import { startDaemon, type ProtocolName, type TestDaemon } from "../support/daemon.ts";
import { startFaultServer, type FaultServer, type Line } from "../support/fault-server.ts";

/**
 * What a client gets is exactly one provider's answer, or the beginning of one and an error; a proper end is told only
 * where a provider told one.
 */
const PROTOCOLS: ProtocolName[] = ["openai", "claude", "gemini", "ollama"];
const textOf = (events: StreamEvent[]): string =>
  events.flatMap((event) => (event.type === "text-delta" ? event.text : [])).join("");

/** One attempt: what is said before it ends well or breaks. */
interface Course {
  pieces: ("thought" | "text" | "call")[];
  end: "finish" | "error";
}

const course: fc.Arbitrary<Course> = fc.record({
  pieces: fc.array(fc.constantFrom("thought" as const, "text" as const, "call" as const), { maxLength: 6 }),
  end: fc.constantFrom("finish" as const, "error" as const),
});

/** The events of the attempt with this number; every text says whose it is. */
function toEvents({ pieces, end }: Course, attempt: number): StreamEvent[][] {
  let calls = 0;
  const batches: StreamEvent[][] = [[{ type: "start" }]];
  for (const [index, piece] of pieces.entries()) {
    if (piece === "text") batches.push([{ type: "text-delta", text: `<${attempt}:${index}>` }]);
    else if (piece === "thought") batches.push([{ type: "thinking-delta", text: `(${attempt}:${index})` }]);
    else {
      const at = calls++;
      batches.push([{ type: "tool-start", index: at, id: `c${at}`, name: "f" }]);
      batches.push([{ type: "tool-delta", index: at, json: `{"attempt":${attempt},` }]);
      batches.push([{ type: "tool-delta", index: at, json: `"piece":${index}}` }]);
    }
  }
  if (end === "finish") batches.push([{ type: "finish", reason: calls > 0 ? "tool-calls" : "stop" }]);
  return batches;
}

/** A response that keeps what it is sent. */
function createSink() {
  const sink = { text: "", status: 0, ended: false, destroyed: false };
  const res = {
    get destroyed() {
      return sink.destroyed;
    },
    get headersSent() {
      return sink.status !== 0;
    },
    writeHead(status: number) {
      sink.status = status;
      return res;
    },
    write(text: string) {
      expect(sink.ended).toBe(false);
      sink.text += text;
      return true;
    },
    end(text = "") {
      expect(sink.ended).toBe(false);
      sink.text += text;
      sink.ended = true;
    },
    destroy() {
      sink.destroyed = true;
    },
    once: () => undefined,
  };
  return { sink, res: res as unknown as ServerResponse };
}

describe.each([...PROTOCOLS, "openai-responses"] as const)("%s", (protocol) => {
  const adapter = findAdapter(protocol);
  const client = adapter?.client;
  if (!adapter || !client) throw new Error(`no client face of ${protocol}`);

  it.each([true, false])(
    "an answer is one attempt's, wherever attempts break (streamed: %s)",
    async (stream) => {
      const path = {
        openai: "/v1/chat/completions",
        claude: "/v1/messages",
        gemini: "",
        ollama: "/api/chat",
        "openai-responses": "/v1/responses",
      }[protocol];
      const route = client.routes.find(
        ({ job, path: own, variant }) =>
          job === "chat" &&
          (own === path || (protocol === "gemini" && variant === (stream ? "stream" : "generate"))),
      );
      const request: UnifiedRequest = {
        model: "m",
        messages: [userText("hi")],
        tools: [{ name: "f", parameters: { type: "object" } }],
        stream,
      };
      const call = {
        job: "chat" as const,
        ...(route?.variant !== undefined && { variant: route.variant }),
        params: {},
        query: new URLSearchParams("alt=sse"),
        headers: {},
      };
      await fc.assert(
        fc.asyncProperty(fc.array(course, { minLength: 1, maxLength: 4 }), async (courses) => {
          const { sink, res } = createSink();
          let ids = 0;
          const context = {
            call,
            request,
            id: "i".repeat(24),
            newId: () => `n${ids++}`.padEnd(24, "0"),
            createdAt: 0,
            now: () => 0,
          };
          const answer = createAnswer({
            res,
            ...(stream && { stream: createJoinedWrites(res) }),
            face: client,
            context,
            headers: () => ({}),
          });
          let served: number | undefined;
          let cut: number | undefined;
          for (const [attempt, one] of courses.entries()) {
            answer.begin();
            for (const batch of toEvents(one, attempt)) answer.take(batch);
            if (one.end === "finish") {
              answer.finish();
              served = attempt;
              break;
            }
            if (!answer.isCommitted()) continue;
            cut = attempt;
            answer.fail(new GatewayError("upstream", "broke off"));
            break;
          }
          // What is sent goes out at the end of the turn.
          await new Promise(setImmediate);
          if (served === undefined && cut === undefined) {
            expect(sink.text).toBe("");
            return;
          }
          const parser = adapter.provider.createStreamParser(request);
          const got = stream
            ? [...parser.push(sink.text), ...parser.end()]
            : [...sink.text].length > 0
              ? replayWhole(adapter.provider.parseResponse(JSON.parse(sink.text), request).content)
              : [];
          const of = served ?? cut ?? 0;
          const wanted = toEvents(courses[of] as Course, of).flat();
          // Words and calls of one attempt only, in its order, none twice.
          const others = /[<(](\d):|attempt":(\d)/g;
          for (const [, a, b] of sink.text.replaceAll("\\", "").matchAll(others))
            expect(Number(a ?? b)).toBe(of);
          expect(got.some(({ type }) => type === "finish")).toBe(served !== undefined);
          if (served !== undefined) {
            expect(textOf(got)).toBe(textOf(wanted));
            const calls = foldEvents(wanted).content.filter(({ type }) => type === "tool-call");
            expect(foldEvents(got).content.filter(({ type }) => type === "tool-call")).toHaveLength(
              calls.length,
            );
          } else {
            expect(textOf(wanted).startsWith(textOf(got))).toBe(true);
            expect(got.at(-1)?.type).toBe("error");
          }
        }),
        { numRuns: 5000 },
      );
    },
    60_000,
  );
});

function replayWhole(content: ReturnType<typeof foldEvents>["content"]): StreamEvent[] {
  let calls = 0;
  const events: StreamEvent[] = [];
  for (const part of content) {
    if (part.type === "text") events.push({ type: "text-delta", text: part.text });
    if (part.type !== "tool-call") continue;
    const index = calls++;
    events.push({ type: "tool-start", index, name: part.name });
    events.push({
      type: "tool-delta",
      index,
      json: typeof part.args === "string" ? part.args : JSON.stringify(part.args),
    });
  }
  return [...events, { type: "finish", reason: "stop" }];
}

describe("through the daemon", () => {
  let server: FaultServer;
  let daemon: TestDaemon;
  beforeAll(async () => {
    server = await startFaultServer();
    const providers = Object.fromEntries(
      PROTOCOLS.flatMap((protocol) =>
        ["one", "two"].map((name) => [
          `${protocol}-${name}`,
          { protocol, baseUrl: `${server.url}/${protocol}-${name}`, keys: ["k"] },
        ]),
      ),
    );
    const groups = Object.fromEntries(
      PROTOCOLS.map((protocol) => [
        protocol,
        {
          models: {
            m: { targets: [`${protocol}-one/m`, `${protocol}-two/m`], strategy: "priority" as const },
          },
        },
      ]),
    );
    daemon = await startDaemon({ providers, groups });
  });
  afterAll(async () => {
    await daemon.close();
    await server.close();
  });

  const fault = fc.record({
    /** After how many bytes of the answer it breaks; more than there are: it does not. */
    at: fc.oneof({ weight: 3, arbitrary: fc.nat(1200) }, { weight: 1, arbitrary: fc.constant(1e6) }),
    how: fc.constantFrom("end" as const, "reset" as const, "destroy" as const, "junk" as const),
  });
  const pair = fc.constantFrom(...PROTOCOLS);

  it("an answer is one attempt's, wherever its bytes break", async () => {
    await fc.assert(
      fc.asyncProperty(
        pair,
        pair,
        fc.boolean(),
        fault,
        fault,
        async (client, provider, stream, first, second) => {
          await daemon.wake();
          for (const [name, { at, how }] of [
            ["one", first],
            ["two", second],
          ] as const)
            server.play(`${provider}-${name}`, (line, count) => playBroken(line, name, count, { at, how }));
          const request = { model: "m", messages: [userText("hi")], sampling: { maxTokens: 9 }, stream };
          const asked = await ask(`${daemon.url}/${provider}`, client, request, undefined, {
            handWritten: true,
          });
          const text = textOf(asked.events);
          const whose = [...new Set(asked.text.match(/one \d+|two \d+/g))];
          expect(whose.length, asked.text).toBeLessThanOrEqual(1);
          const finished = asked.events.some(({ type }) => type === "finish");
          const full = toTexts(whose[0] ?? "").join("");
          if (asked.status === 200 && finished) expect(text).toBe(full);
          else if (asked.status === 200) {
            expect(full.startsWith(text)).toBe(true);
            expect(asked.events.at(-1)?.type).toBe("error");
            // It was told, not guessed from the end of the connection.
            expect(asked.text).toContain('"error"');
          } else expect([502, whose]).toEqual([asked.status, []]);
        },
      ),
      { numRuns: 600 },
    );
  }, 60_000);
});

const toTexts = (whose: string): string[] => [`[${whose}]`, " grüße ", "über all", " [end]"];

async function playBroken(
  line: Line,
  name: string,
  count: number,
  { at, how }: { at: number; how: "end" | "reset" | "destroy" | "junk" },
): Promise<void> {
  const texts = toTexts(`${name} ${count}`);
  const bytes = Buffer.from(line.answer(line.words.stream(texts), line.words.whole(texts.join(""))).join(""));
  line.head();
  await line.write(bytes.subarray(0, at));
  if (at >= bytes.length) return line.end();
  await new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
  if (how === "reset") line.reset();
  else if (how === "destroy") line.socket.destroy();
  else if (how === "junk") line.socket.end("zz\r\n");
  else line.end();
}
