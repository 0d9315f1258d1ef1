import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { TEXTS } from "../faults/faults.ts";
import { ask, userText, type Asked } from "../support/ask.ts";
import { buildCli, type BuiltCli } from "../support/built-cli.ts";
import { PROTOCOLS } from "../support/daemon.ts";
import { startFaultServer, type FaultServer } from "../support/fault-server.ts";
import { spawnDaemon, type SpawnedDaemon } from "../support/spawned-daemon.ts";

let cli: BuiltCli;
let server: FaultServer;
let daemon: SpawnedDaemon | undefined;
beforeAll(async () => {
  cli = buildCli();
  server = await startFaultServer();
}, 60_000);
afterAll(async () => {
  await server.close();
  cli.remove();
});
afterEach(async () => {
  await daemon?.remove();
  server.forget();
});

const start = async (drainMs: number): Promise<SpawnedDaemon> => {
  daemon = await spawnDaemon(cli.path, {
    server: { host: "127.0.0.1", port: 0, ollamaOpen: true, drainMs },
    providers: { p: { protocol: "openai", baseUrl: `${server.url}/p`, keys: ["k"] } },
    groups: { default: { models: { m: "p/m" } } },
  });
  return daemon;
};
const chat = (url: string, client: string, text: string): Promise<Asked> =>
  ask(url, client, {
    model: "m",
    messages: [userText(text)],
    sampling: { maxTokens: 9 },
    stream: true,
  });
const textOf = ({ events }: Asked): string =>
  events.flatMap((event) => (event.type === "text-delta" ? event.text : [])).join("");

/** Resolves when that many streams have begun; `finish` lets those end whose client said `short`. */
function play(count: number): { begun: Promise<void>; finish: () => void } {
  let finish = (): void => undefined;
  const mayFinish = new Promise<void>((resolve) => (finish = resolve));
  const begun = new Promise<void>((resolve) => {
    let running = 0;
    server.play("p", async (line) => {
      line.head();
      const pieces = line.words.stream(TEXTS(0));
      for (const piece of pieces.slice(0, -1)) await line.write(piece);
      if (++running === count) resolve();
      if (!JSON.stringify(line.attempt.body).includes("short")) return;
      await mayFinish;
      await line.write(pieces.at(-1) ?? "");
      line.end();
    });
  });
  return { begun, finish };
}

it("SIGTERM: of 200 streams those end that can, the others are told, and the process exits with 0", async () => {
  const { url, signal, ended, log } = await start(1500);
  const { begun, finish } = play(200);
  const clients = Array.from({ length: 200 }, (_, index) =>
    chat(url, PROTOCOLS[(index >> 1) % 5] ?? "openai", index % 2 === 0 ? "short" : "long"),
  );
  await begun;
  signal("SIGTERM");
  // Nobody new is let in.
  await expect.poll(() => fetch(`${url}/ready`).then(({ status }) => status, String)).not.toBe(200);
  finish();
  const answers = await Promise.all(clients);
  expect(await ended).toBe(0);
  for (const [index, asked] of answers.entries()) {
    const last = asked.events.at(-1);
    expect([asked.status, textOf(asked)]).toEqual([200, TEXTS(0).join("")]);
    if (index % 2 === 0) expect(last?.type).toBe("finish");
    else expect(last?.type === "error" && last.error.message).toContain("shutting down");
  }
  expect(log().filter(({ status, stream }) => status === 200 && stream)).toHaveLength(200);
  await expect.poll(() => server.open()).toBe(0);
}, 30_000);

it("a second signal ends the process at once, whatever runs", async () => {
  const { url, signal, ended } = await start(60_000);
  const { begun } = play(5);
  const clients = Array.from({ length: 5 }, () => chat(url, "openai", "long").catch(() => "cut"));
  await begun;
  signal("SIGTERM");
  await expect.poll(() => daemon?.said()).toContain("a second signal ends at once");
  const began = performance.now();
  signal("SIGTERM");
  expect(await ended).toBe(143);
  expect(performance.now() - began).toBeLessThan(5000);
  await Promise.all(clients);
}, 30_000);
