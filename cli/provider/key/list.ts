import { join } from "node:path";
import { askAdmin } from "../../ask-admin.ts";
import { command } from "../../command.ts";
import { findDaemon } from "../../daemon.ts";
import { describeMs } from "../../describe-ms.ts";
import { findHome, withStorage } from "../../home.ts";
import { print, toTable } from "../../print.ts";
import { list, number, oneOf, record, text } from "../../shape.ts";
import { listProviderKeys, openProvider, type ProviderKey } from "./find-provider-key.ts";

interface Rest {
  name: string;
  reason: string;
  remainingMs: number;
}

export default command({
  args: { provider: { type: "positional", required: true, description: "The provider." } },
  examples: ["ccproxy provider key list openrouter", "ccproxy provider key list openrouter --json"],
  output: list(
    record(
      { place: number, key: text, state: oneOf("ready", "resting", "off", "missing") },
      { name: text, reason: text, remainingMs: number },
    ),
  ),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config, resolveKey }) => {
      const { id, provider } = openProvider(config.current, args.provider);
      const home = findHome(invocation.io, args);
      const daemon = await findDaemon(home.pidFile);
      const told = daemon
        ? await askAdmin(daemon, { path: "/status", tokenFile: join(home.dir, "admin-token") }).catch(
            () => ({}),
          )
        : {};
      const resting = (told as { cooling?: Rest[] }).cooling ?? [];
      const keys = listProviderKeys(id, provider).map((key, index) => ({
        place: index + 1,
        key: key.shown,
        ...(key.name !== undefined && { name: key.name }),
        ...toState(key, resting, resolveKey(key.key) !== undefined),
      }));
      const rows = keys.map(({ place, key, state, reason, remainingMs }) => [
        `#${place}`,
        key,
        state,
        reason === undefined ? "" : `${reason}, for ${describeMs(remainingMs ?? 0)}`,
      ]);
      print(args, invocation, keys, rows.length > 0 ? toTable(["PLACE", "KEY", "STATE", "WHY"], rows) : []);
      if (rows.length === 0)
        invocation.io.stderr(`${id} has no keys; 'ccproxy provider key add ${id} env:NAME' adds one\n`);
    }),
});

function toState(
  { enabled, name }: ProviderKey,
  resting: Rest[],
  hasValue: boolean,
): { state: string; reason?: string; remainingMs?: number } {
  if (!enabled) return { state: "off" };
  if (!hasValue) return { state: "missing" };
  // The key itself, or one of its models: the longest rest is told.
  const rest = resting
    .filter((one) => one.name === name || one.name.startsWith(`${name} `))
    .sort((a, b) => b.remainingMs - a.remainingMs)[0];
  return rest ? { state: "resting", reason: rest.reason, remainingMs: rest.remainingMs } : { state: "ready" };
}
