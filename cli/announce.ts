import { isPublicBind } from "../server/guard.ts";
import { VERSION } from "../server/version.ts";
import type { Storage } from "../storage/types.ts";
import { toAgentLines } from "./agent-lines.ts";
import { reachable } from "./daemon.ts";
import type { Io } from "./io.ts";

export interface Announced {
  host: string;
  storage: Storage;
  io: Io;
}

/** Says that the daemon listens: one line in a log, on a terminal with all one needs to begin, in at most 12 lines. */
export function announce(url: string, { host, storage, io }: Announced): void {
  const { providers } = storage.config.current;
  const scope = isPublicBind(host) ? "every machine that reaches it" : "this machine alone";
  const first = `ccproxy ${VERSION} listens on ${url}`;
  if (!io.terminal) io.stderr(`${first}\n`);
  else {
    const agents = toAgentLines(reachable(url)).map(
      (line, index) => `${index === 0 ? "agents" : ""}`.padEnd(9) + line,
    );
    const about = [`config   ${storage.config.file}`, `serves   ${count(storage)}`];
    io.stderr(`${[`${first} (${scope})`, ...about, ...agents].join("\n")}\n`);
  }
  if (Object.keys(providers).length > 0) return;
  const body = `{"model":"demo","messages":[{"role":"user","content":"Hello"}]}`;
  io.stderr(
    `nothing is configured yet; try the demo:  curl ${reachable(url)}/v1/chat/completions -d '${body}'\n`,
  );
  io.stderr("then set up providers:  ccproxy init   (or: ccproxy provider add openrouter)\n");
}

function count({ config }: Storage): string {
  const { providers, groups } = config.current;
  const used = Object.values(providers).filter(({ enabled }) => enabled !== false);
  const keys = used.reduce((sum, provider) => sum + (provider.keys?.length ?? 0), 0);
  const aliases = Object.values(groups).reduce((sum, { models }) => sum + Object.keys(models).length, 0);
  const words = [
    [used.length, "provider"],
    [keys, "provider key"],
    [aliases, "alias"],
    [Object.keys(groups).length, "group"],
  ] as const;
  return words
    .map(([number, word]) => `${number} ${number === 1 ? word : word === "alias" ? "aliases" : `${word}s`}`)
    .join(", ");
}
