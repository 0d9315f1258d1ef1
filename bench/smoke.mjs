import { check } from "./check.mjs";
import { load } from "./load.mjs";
import { scenarios } from "./scenarios.mjs";

const CLIENTS = ["openai", "openai-responses", "claude", "gemini", "ollama"];
const PROVIDERS = ["openai", "claude", "gemini", "ollama"];
const COUNT = 30;

/**
 * Correctness alone: every client's protocol over every provider's, whole and streamed, with compat mode and without;
 * then every scenario once, and a little of its load. Returns how much was asked; throws at the first wrong answer.
 */
export async function smoke({ daemon, pipe, provider }) {
  let checks = 0;
  const inspect = async (target, ask, count) => {
    checks++;
    await check(target, ask, { count }).catch((error) => {
      throw new Error(`${target.name}, ${JSON.stringify(ask)}: ${error.message}`, { cause: error });
    });
  };
  for (const mode of ["burst", "paced"]) {
    await provider.configure({ count: COUNT, mode, batch: 7, delayMs: 1, firstMs: 0 });
    for (const client of CLIENTS) {
      const asks = PROVIDERS.flatMap((spoken) =>
        [false, true].flatMap((stream) =>
          [false, true].map((compat) => ({ client, provider: spoken, kind: "tools", stream, compat })),
        ),
      );
      await Promise.all(asks.map((ask) => inspect(daemon, ask, COUNT)));
    }
  }
  let requests = 0;
  for (const { ask, answers, variants = [], connections = 1 } of scenarios) {
    await provider.configure({ ...answers, firstMs: 0 });
    await inspect(pipe, ask, answers.count);
    for (const question of [ask, ...variants.map((variant) => variant.ask)]) {
      await inspect(daemon, question, answers.count);
      const { failed, requests: served } = await load(daemon.address, daemon.request(question), {
        connections: Math.min(4, connections),
        ms: 5000,
        count: 8,
      });
      if (failed > 0 || served !== 8)
        throw new Error(`${JSON.stringify(question)}: ${failed} of 8 failed under load`);
      requests += served;
    }
  }
  return { checks, requests };
}
