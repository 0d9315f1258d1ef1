import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Place } from "../../agents/agent.ts";
import { agents } from "../../agents/agents.ts";
import type { Facts } from "../facts.ts";
import { ok, type Check, type Finding } from "../check.ts";
import { isLocal, isOurs, toPlain } from "../../own-address.ts";

export const agentSettings: Check = {
  id: "agent-settings",
  title: "No agent's own settings send it elsewhere",
  fix: "ccproxy setup <agent>, or take the address out of that file",
  async run(facts) {
    const ours = { ...(await facts.address()), url: (await facts.daemon())?.url };
    const found = await Promise.all(
      listFiles(facts).map(async ({ agent, file }) => {
        return findAddresses(await readFile(file, "utf8").catch(() => "")).flatMap(
          ({ name, value }): Finding[] => {
            const url = toPlain(value);
            if (url === undefined || isOurs(url, ours)) return [];
            // A service's own address is what somebody wants; a variable of the agent wins over all we set.
            const wins = name.toUpperCase().endsWith("_BASE_URL");
            if (!wins && !isLocal(url.hostname)) return [];
            return [
              {
                outcome: "warn",
                message: `${agent}: ${name} in ${file} leads to ${url.host}`,
                fix: `ccproxy setup ${agent}, or correct that file`,
              },
            ];
          },
        );
      }),
    );
    const findings = found.flat();
    return findings.length > 0 ? findings : ok("none");
  },
};

/** `name = value` in JSON, TOML, YAML and .env alike, for names that hold addresses. */
function findAddresses(text: string): { name: string; value: string }[] {
  return text
    .split("\n")
    .slice(0, MOST_LINES)
    .flatMap((line) => {
      const found = LINE.exec(line.slice(0, 500));
      return found?.[1] && found[2] ? [{ name: found[1], value: found[2] }] : [];
    });
}

const MOST_LINES = 20_000;
const LINE =
  /(?:^|[\s"',{])(\w{0,40}base_?url|\w{0,40}api_?base|api_url)["']?\s*[:=]\s*["']?(https?:\/\/[^\s"',}#]{1,300})/i;

/** Every file that may send an agent somewhere, once: those that setup writes, and those it does not. */
function listFiles({ env, home, system }: Facts): { agent: string; file: string }[] {
  const place: Place = {
    platform: system.platform,
    home: env["HOME"] || env["USERPROFILE"] || homedir(),
    own: home.dir,
    env,
  };
  const connection = { base: "", key: "", isKeyReal: false, models: [] };
  const written = agents.flatMap(({ id, settings }) =>
    (settings?.(connection, place) ?? []).flatMap(({ paths }) => paths.map((file) => ({ agent: id, file }))),
  );
  const others = OTHERS.map(([agent, path]) => ({ agent, file: join(place.home, path) }));
  const seen = new Set<string>();
  return [...written, ...others].filter(({ file }) => !seen.has(file) && seen.add(file));
}

const OTHERS: readonly [agent: string, path: string][] = [
  ["codex", ".codex/config.toml"],
  ["gemini", ".gemini/.env"],
  ["qwen", ".qwen/.env"],
];
