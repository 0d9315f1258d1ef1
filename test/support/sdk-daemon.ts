import { expect } from "vitest";
import type { Signature, UnifiedRequest } from "../../adapters/unified.ts";
import { perProtocol, PROTOCOLS, startDaemon, type TestDaemon } from "./daemon.ts";
import { startScriptedProvider, type ScriptedProvider, type SeenRequest } from "./scripted-provider.ts";
import { createTextScript, HELLO } from "./text-script.ts";

/** The groups of the daemon: each reaches the same provider by another protocol. */
export const GROUPS = PROTOCOLS;

/** The groups whose providers seal their thoughts and want them back as they were. */
export const SEALING = ["openai-responses", "claude", "gemini"] as const;

/** A name with all that is awkward in a path; a model of the group `named`. */
export const AWKWARD_NAME = "vendor/some.model:7b";

export interface SdkDaemon {
  daemon: TestDaemon;
  provider: ScriptedProvider;
  /** Requests of the provider whose body holds the text, oldest first; `label` makes one that is not held by others. */
  seen: (text: string) => SeenRequest[];
  /** The one request with that text, as the provider understood it. */
  asked: (text: string) => UnifiedRequest;
  /** The signatures of past thoughts in that request. */
  seals: (text: string) => (Signature | undefined)[];
  close: () => Promise<void>;
}

/** The daemon in front of the scripted provider, with a group per protocol and one (`exact`) that has just `model-a`. */
export async function startSdkDaemon(): Promise<SdkDaemon> {
  const provider = await startScriptedProvider(createTextScript());
  const config = perProtocol(provider.url);
  const daemon = await startDaemon({
    ...config,
    // What a provider refuses is told at once: the SDKs wait by themselves.
    server: { host: "127.0.0.1", port: 0, ollamaOpen: true, maxWaitMs: 0 },
    groups: {
      ...config.groups,
      exact: { models: { "model-a": "openai/model-a" } },
      named: { models: { [AWKWARD_NAME]: "openai/model-a" } },
    },
  });
  const asked = (text: string): UnifiedRequest => {
    const [only, ...others] = seen(text);
    if (only?.request && others.length === 0) return only.request;
    throw new Error(`expected one chat with ${text}, got ${seen(text).length}`);
  };
  const seen = (text: string): SeenRequest[] =>
    provider.seen.filter(({ body }) => JSON.stringify(body).includes(text));
  return {
    daemon,
    provider,
    seen,
    asked,
    seals: (text) =>
      asked(text).messages.flatMap((message) =>
        message.role === "assistant"
          ? message.content.flatMap((part) => (part.type === "thinking" ? [part.signature] : []))
          : [],
      ),
    async close() {
      await daemon.close();
      await provider.close();
    },
  };
}

let count = 0;

/** The words with a number behind them that no other request of this file has. */
export const label = (words: string): string => `${words} [${++count}]`;

/** Models as a group lists them: Ollama's providers give the tag with the name. */
export const namesOf = (group: string, ...names: string[]): string[] =>
  group === "ollama" ? names.map((name) => `${name}:latest`) : names;

/** What went wrong; fails where nothing did. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const done = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("value" in done) expect.fail(`expected an error, got ${JSON.stringify(done.value)?.slice(0, 200)}`);
  return done.error;
}

/**
 * Asks once over every provider for each status after which official clients ask again by themselves; over all of them
 * at once, since each waits a second in between.
 */
export async function expectRetries(
  server: SdkDaemon,
  ask: (group: string, text: string) => Promise<string | null | undefined>,
): Promise<void> {
  for (const status of [429, 503, 529]) {
    await server.daemon.wake();
    const tries = GROUPS.map(async (group) => {
      const text = label(`FAILONCE ${status}`);
      expect(await ask(group, text), `${group} after ${status}`).toBe(HELLO);
      expect(server.seen(text)).toHaveLength(2);
    });
    await Promise.all(tries);
  }
}

/** Resolves when the provider's connection closed; fails after two seconds. */
export async function hungUp({ closed }: SeenRequest | { closed: Promise<void> }): Promise<void> {
  const late = new Promise<"late">((resolve) => {
    setTimeout(resolve, 2000, "late").unref();
  });
  expect(await Promise.race([closed.then(() => "closed"), late])).toBe("closed");
}

/** Every item of an async iterable. */
export async function collect<T>(items: AsyncIterable<T> | PromiseLike<AsyncIterable<T>>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of await items) list.push(item);
  return list;
}

export const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

export const citySchema = {
  type: "object" as const,
  properties: { city: { type: "string" as const, description: "The city's name" } },
  required: ["city"],
  additionalProperties: false,
};

export const personSchema = {
  type: "object" as const,
  properties: {
    name: { type: "string" as const },
    age: { type: "integer" as const },
    tags: { type: "array" as const, items: { type: "string" as const } },
  },
  required: ["name", "age", "tags"],
  additionalProperties: false,
};
