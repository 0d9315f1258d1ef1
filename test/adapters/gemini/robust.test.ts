import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../adapters/errors.ts";
import { buildRequest } from "../../../adapters/gemini/build-request.ts";
import { editRequest } from "../../../adapters/gemini/edit-request.ts";
import { parseEmbedRequest } from "../../../adapters/gemini/embeddings.ts";
import { parseError } from "../../../adapters/gemini/parse-error.ts";
import { parseRequest } from "../../../adapters/gemini/parse-request.ts";
import { parseResponse } from "../../../adapters/gemini/parse-response.ts";
import { createStreamWriter } from "../../../adapters/gemini/write-stream.ts";
import { isObject } from "../../../adapters/validate.ts";
import { call, context, names, parse, parseAll, readJson, readText, request } from "./fixtures.ts";

/** Every way to replace one value somewhere in a JSON value by junk. */
function* spoil(value: unknown, junk: unknown): Generator<unknown> {
  yield junk;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const spoiled of spoil(item, junk)) yield value.with(index, spoiled);
    }
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      for (const spoiled of spoil(item, junk)) yield { ...value, [key]: spoiled };
    }
  }
}
const JUNK: unknown[] = [null, 0, "x", [], {}, [null], [{}], { toString: 1, valueOf: 1, parts: 5, text: 5 }];

function expectGatewayErrors(attempt: () => unknown): void {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
  }
}

describe("spoiled input", () => {
  it("never breaks the reading of requests, and what was read can be edited", () => {
    for (const name of ["everything", "snake-case", "json-schema", "opencode.turn2"]) {
      const body = readJson(`requests/${name}.json`);
      for (const junk of JUNK) {
        for (const spoiled of spoil(body, junk)) {
          expectGatewayErrors(() => {
            buildRequest(parseRequest(spoiled, call()));
            const prompt = { mode: "enhance", text: "P", position: "user" } as const;
            const edits = {
              prompt,
              replace: [["a", "b"]],
              dropTools: ["find"],
              temperatureRatio: 0.5,
            } as const;
            parseRequest(editRequest(spoiled as Record<string, unknown>, edits), call());
          });
        }
      }
    }
  });

  it("never breaks the reading of embedding requests", () => {
    const body = {
      requests: [{ content: { parts: [{ text: "a" }] }, taskType: "b", outputDimensionality: 3 }],
    };
    for (const junk of JUNK) {
      for (const spoiled of spoil(body, junk)) {
        expectGatewayErrors(() => parseEmbedRequest(spoiled, call("batch-embed")));
        expectGatewayErrors(() => parseEmbedRequest(spoiled, call("embed")));
      }
    }
  });

  it("never breaks the reading of answers", () => {
    for (const name of names("responses")) {
      for (const junk of JUNK) {
        for (const spoiled of spoil(readJson(`responses/${name}`), junk)) {
          expectGatewayErrors(() => parseResponse(spoiled, request()));
        }
      }
    }
  });

  it("never breaks the reading of streams, which end once all the same, nor their writing", () => {
    for (const name of names("streams").filter((one) => one.endsWith(".sse"))) {
      const frames = readText(`streams/${name}`).split("\n\n");
      for (const [index, frame] of frames.entries()) {
        const data = frame.slice(frame.indexOf("data:") + 5);
        if (!data.trim().startsWith("{")) continue;
        for (const junk of JUNK) {
          for (const spoiled of spoil(JSON.parse(data), junk)) {
            const events = parseAll([frames.with(index, `data: ${JSON.stringify(spoiled)}`).join("\n\n")]);
            const ends = events.filter(({ type }) => type === "finish" || type === "error");
            if (ends.length !== 1 || ends[0] !== events.at(-1))
              expect(events, JSON.stringify(spoiled)).toBe("one end");
            const writer = createStreamWriter(context());
            expect(writer.push(events) + writer.end()).toMatch(
              /"(finishReason|promptFeedback|error)":[^\n]*\r\n\r\n$/,
            );
          }
        }
      }
    }
  });

  it("never breaks the reading of errors", () => {
    const body = {
      error: { code: 400, message: "m", status: "INVALID_ARGUMENT", details: [{ retryDelay: "1s" }] },
    };
    for (const junk of JUNK) {
      for (const spoiled of spoil(body, junk)) {
        expect(parseError(500, JSON.stringify(spoiled), {}).message).not.toBe("");
      }
    }
  });

  it("reads large streams in linear time", () => {
    const text = JSON.stringify({
      candidates: [{ content: { parts: [{ text: "x".repeat(4_000_000) }] }, finishReason: "STOP" }],
    });
    const cut = (whole: string): string[] => whole.match(/[^]{1,1000}/g) ?? [];
    const started = performance.now();
    expect(parse(cut(`data: ${text}\n\n`)).at(-1)).toMatchObject({ type: "finish" });
    expect(parse(cut(`[${text}]`)).at(-1)).toMatchObject({ type: "finish" });
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
