import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ok, type Check, type Finding } from "../check.ts";
import { isLocal, isOurs, toPlain } from "../../own-address.ts";

export const agentSettings: Check = {
  id: "agent-settings",
  title: "No agent's own settings send it elsewhere",
  fix: "ccproxy setup <agent>, or take the address out of that file",
  async run(facts) {
    const ours = { ...(await facts.address()), url: (await facts.daemon())?.url };
    const found = await Promise.all(
      FILES.map(async ([agent, path]) => {
        const file = join(facts.env["HOME"] ?? facts.env["USERPROFILE"] ?? "", path);
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
  /(?:^|[\s"',{])(ANTHROPIC_BASE_URL|OPENAI_BASE_URL|GOOGLE_GEMINI_BASE_URL|base_?url|baseURL|api_?base|apiBase|api_url)["']?\s*[:=]\s*["']?(https?:\/\/[^\s"',}#]{1,300})/i;

/** Where agents keep their settings, below the user's home folder. */
const FILES: readonly [agent: string, path: string][] = [
  ["claude", ".claude/settings.json"],
  ["codex", ".codex/config.toml"],
  ["gemini", ".gemini/.env"],
  ["gemini", ".gemini/settings.json"],
  ["qwen", ".qwen/.env"],
  ["qwen", ".qwen/settings.json"],
  ["opencode", ".config/opencode/opencode.json"],
  ["opencode", ".config/opencode/opencode.jsonc"],
  ["continue", ".continue/config.yaml"],
  ["zed", ".config/zed/settings.json"],
  ["cline", ".cline/data/settings/providers.json"],
  ["aider", ".aider.conf.yml"],
];
