import { fork, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileStorage } from "../storage/compile-storage.ts";

/**
 * Programs that write a configuration from a process of their own, for tests that kill them or set them against each
 * other. `dir`: a folder for them; returns how to start one.
 */
export function compileWriters(dir: string): (home: string, ...task: string[]) => ChildProcess {
  const entry = compileStorage(dir);
  const program = join(dir, "writer.mjs");
  writeFileSync(program, WRITER.replaceAll("ENTRY", JSON.stringify(entry)));
  return (home, ...task) => fork(program, [home, ...task], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
}

const WRITER = `
const { openStorage } = await import(ENTRY);
const [home, task, arg] = process.argv.slice(2);
const storage = await openStorage(home, { watch: false });
const say = (message) => new Promise((done) => process.send(message, done));
if (task === "endless") {
  // Counts up for as long as it lives, and says so only when a number is on disk.
  const filler = "x".repeat(Number(arg));
  let count = storage.config.current.providers.p?.params?.count ?? 0;
  for (;;) {
    count++;
    await storage.config.update((draft) => {
      draft.providers.p = { protocol: "ollama", baseUrl: "http://127.0.0.1:9", params: { count, filler } };
    });
    await say(count);
  }
}
if (task === "usage") {
  // Uses 3 tokens again and again, and says how often and when.
  const { createLedger } = await import(new URL("../server/usage/ledger.js", ENTRY));
  const ledger = createLedger(storage.records);
  for (let count = 1; ; count++) {
    ledger.record({ time: arg, method: "POST", path: "/", status: 200, ms: 1, group: "g", model: "m", alias: "a", target: "p/m", inputTokens: 1, outputTokens: 2 });
    await say({ count, at: Date.now() });
    await new Promise((done) => setTimeout(done, 1));
  }
}
if (task === "race") {
  process.on("message", async (round) => {
    let won = false;
    await storage.config.update((draft) => {
      won = draft.providers.race.params.round < round;
      if (won) draft.providers.race.params = { round, by: arg };
      const mine = draft.providers[arg] ??= { protocol: "ollama", baseUrl: "http://127.0.0.1:9", params: { count: 0 } };
      mine.params.count++;
    });
    await say({ round, won });
  });
  await say("ready");
}
if (task === "secrets") {
  process.on("message", async (dir) => {
    const own = await openStorage(dir, { watch: false });
    const token = await own.adminToken();
    const key = own.keyRing.create(arg);
    await say({ token, secret: key.secret, id: key.id, record: key.record });
    await own.close();
  });
  await say("ready");
}
`;
