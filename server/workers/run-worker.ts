import { createHealth } from "../../routing/health.ts";
import { createAnswerOwners } from "../answer-owners.ts";
import { createCallSignatures } from "../call-signatures.ts";
import { createLearnedLimits } from "../learned-limits.ts";
import { startServer } from "../serve.ts";
import type { ServeOptions } from "../serve-options.ts";
import { createChannel, type Wire } from "./channel.ts";
import { createEntryBatch } from "../entry-batch.ts";
import { createFarAllowances } from "./far-allowances.ts";
import { createFarResponses, toFarStorage } from "./far-storage.ts";
import { shareSight } from "./seen.ts";

export type WorkerOptions = Pick<ServeOptions, "storage" | "host" | "dangerouslyOpen">;

/** One of several processes that answer on one port. Resolves when the first one has told it to end, and it has. */
export async function runWorker(options: WorkerOptions, wire: Wire = toParent()): Promise<void> {
  const channel = createChannel(wire);
  const { port, workers, seen } = await channel.ask("hello", null);
  const storage = toFarStorage(options.storage, channel);
  const entries = createEntryBatch((batch) => channel.tell("entries", batch));
  const sight = shareSight(
    {
      health: createHealth(() => performance.now()),
      limits: createLearnedLimits(storage.state),
      callSignatures: createCallSignatures(),
      answerOwners: createAnswerOwners(),
    },
    (told) => channel.tell("seen", told),
  );
  for (const one of seen) sight.adopt(one);
  channel.onTell("seen", sight.adopt);
  channel.onAsk("sync", () => {
    entries.flush();
    return null;
  });
  channel.onAsk("reload", async () => {
    await storage.config.reload();
    return null;
  });
  const server = await startServer({
    ...options,
    storage,
    port,
    oneOf: workers,
    parts: {
      ...sight.parts,
      pid: process.ppid,
      allowances: createFarAllowances(channel),
      stored: createFarResponses(channel),
      log: entries.add,
      askWhole: (asked) => channel.ask("own", asked),
    },
  }).catch(async (error: Error & { code?: string }) => {
    await channel.ask("failed", { message: error.message, code: error.code });
    throw error;
  });
  await channel.ask("listening", { url: server.url, port: Number(new URL(server.url).port) });
  return new Promise((resolve) => {
    channel.onAsk("close", async (graceMs) => {
      await server.close(graceMs);
      entries.flush();
      // Once the answer is on its way.
      setImmediate(resolve);
      return null;
    });
  });
}

function toParent(): Wire {
  return {
    send: (message) => void process.send?.(message, undefined, undefined, () => undefined),
    onMessage: (take) => void process.on("message", take),
  };
}
