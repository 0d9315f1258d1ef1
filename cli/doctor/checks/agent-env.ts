import { ok, type Check, type Finding } from "../check.ts";
import { isOurs, toPlain } from "../../own-address.ts";

export const agentEnv: Check = {
  id: "agent-env",
  title: "No variable sends agents elsewhere",
  fix: 'eval "$(ccproxy env)", or unset it',
  async run({ env, address, daemon, config }) {
    const ours = { ...(await address()), url: (await daemon())?.url };
    // Who runs an Ollama elsewhere says so with the same variable, and may well be a provider of ours.
    const providers = Object.values((await config()).providers).map(({ baseUrl }) => new URL(baseUrl).host);
    const findings = VARIABLES.flatMap((name): Finding[] => {
      const value = env[name];
      if (!value) return [];
      // What a server listens on is no place to call.
      const url = toPlain(value);
      if (url === undefined || isOurs(url, ours) || providers.includes(url.host)) return [];
      return [
        {
          outcome: "warn",
          message: `${name} leads to ${url.host}, not to ccproxy`,
          fix: `unset ${name}, or: eval "$(ccproxy env)"`,
        },
      ];
    });
    return findings.length > 0 ? findings : ok("none");
  },
};

const VARIABLES = [
  "ANTHROPIC_BASE_URL",
  "OPENAI_BASE_URL",
  "OPENAI_API_BASE",
  "GOOGLE_GEMINI_BASE_URL",
  "OLLAMA_HOST",
  "OLLAMA_API_BASE",
  "COPILOT_PROVIDER_BASE_URL",
  "CODEX_OSS_BASE_URL",
];
