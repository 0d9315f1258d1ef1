import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapters } from "../adapters/index.ts";
import { GatewayError } from "../adapters/errors.ts";
import { foldEvents } from "../adapters/fold.ts";
import type { UnifiedRequest } from "../adapters/unified.ts";
import type { Json } from "../adapters/validate.ts";
import type { Config } from "../storage/types.ts";
import { ask, userText } from "./support/ask.ts";
import { perProtocol, PROTOCOLS, startDaemon, type TestDaemon } from "./support/daemon.ts";
import { BODY_SCENARIOS } from "./support/matrix-bodies.ts";
import { FRAME_SCENARIOS } from "./support/matrix-frames.ts";
import { SCENARIOS } from "./support/matrix-scenarios.ts";
import { text, type Pair, type Scenario } from "./support/scenario.ts";
import { startScriptedProvider, type Script, type ScriptedProvider } from "./support/scripted-provider.ts";

/**
 * Every client protocol over every provider protocol, streamed and not, over real sockets: what the client means must
 * reach the provider, and what the provider says must reach the client.
 */
const ALL = [...SCENARIOS, ...BODY_SCENARIOS, ...FRAME_SCENARIOS];

let provider: ScriptedProvider;
let daemon: TestDaemon;
let playing: Pick<Scenario, "answer" | "frames"> = {};

const script: Script = (request, { res, face }) => {
  const { answer = [], frames } = playing;
  const protocol = adapters.find(({ client }) => client === face)?.protocol ?? "";
  const frame = frames?.[protocol as Pair["provider"]];
  if (!frame) return typeof answer === "function" ? answer(request) : answer;
  const type = request.stream
    ? protocol === "ollama"
      ? "application/x-ndjson"
      : "text/event-stream"
    : "application/json";
  res
    .writeHead(200, { "content-type": type })
    .end(request.stream ? frame.stream : JSON.stringify(frame.whole));
  return undefined;
};

/** A group per protocol, and one more for those whose provider has a quirk: `gemini-quirk`. */
function toConfig(url: string): Partial<Config> {
  const { providers = {}, groups = {} } = perProtocol(url);
  for (const protocol of PROTOCOLS) {
    // One provider has them all: no scenario is in the way of another.
    const quirks = Object.assign({}, ...ALL.map((scenario) => scenario.quirks)) as Json;
    providers[`${protocol}-quirk`] = { protocol, baseUrl: url, keys: ["sk-test"], quirks };
    groups[`${protocol}-quirk`] = { models: { "*": `${protocol}-quirk/*` } };
  }
  return { providers, groups };
}

beforeAll(async () => {
  provider = await startScriptedProvider(script);
  daemon = await startDaemon(toConfig(provider.url));
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});

async function play(scenario: Scenario, pair: Pair, stream: boolean): Promise<void> {
  playing = scenario;
  const group = scenario.quirks ? `${pair.provider}-quirk` : pair.provider;
  const asked: UnifiedRequest = {
    messages: [userText("hi")],
    ...scenario.request,
    model: "model-a",
    stream,
  };
  const handWritten = scenario.frames !== undefined && pair.client === pair.provider;
  const body = scenario.bodies?.[pair.client];
  const answer = await ask(`${daemon.url}/${group}`, pair.client, asked, body, { handWritten });
  expect(answer.status, answer.text).toBe(200);
  const seen = provider.seen.at(-1);
  if (!seen?.request) throw new Error("the provider was not asked");
  expect(`${seen.request.model} ${seen.url}`).toContain("model-a");
  scenario.asked?.({ request: seen.request, text: seen.text }, pair);
  const warning = answer.headers.get("x-ccproxy-warning") ?? "";
  scenario.got?.({ result: foldEvents(answer.events), text: answer.text, warning }, pair);
}

/** Whether the two can meet in it at all. */
const applies = ({ bodies, frames }: Scenario, pair: Pair, stream: boolean): boolean => {
  if (bodies && !bodies[pair.client]) return false;
  const frame = frames?.[pair.provider];
  return frames === undefined || (frame !== undefined && (stream || frame.whole !== undefined));
};

for (const client of PROTOCOLS) {
  describe(`${client} client`, () => {
    for (const target of PROTOCOLS) {
      describe(`over a ${target} provider`, () => {
        const pair = { client, provider: target };
        for (const scenario of ALL) {
          for (const stream of [true, false].filter((streamed) => applies(scenario, pair, streamed))) {
            it(`${scenario.name}, ${stream ? "streamed" : "whole"}`, () => play(scenario, pair, stream));
          }
        }
        it("an error inside the stream reaches the client as one", async () => {
          const error = new GatewayError("overloaded", "too busy now");
          playing = { answer: [{ type: "start" }, text("begun "), { type: "error", error }] };
          const asked = await ask(`${daemon.url}/${target}`, client, {
            messages: [userText("x")],
            model: "model-a",
            stream: true,
          });
          expect(asked.status).toBe(200);
          expect(asked.events.at(-1)).toMatchObject({ type: "error" });
          expect(asked.text).toContain("too busy now");
        });
      });
    }
  });
}
