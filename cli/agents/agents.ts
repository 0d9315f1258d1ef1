import { suggest } from "../../storage/suggest.ts";
import { CliError } from "../exit-code.ts";
import type { Agent } from "./agent.ts";
import { aider } from "./aider.ts";
import { claude } from "./claude.ts";
import { cline } from "./cline.ts";
import { codex } from "./codex.ts";
import { continueDev } from "./continue.ts";
import { copilot } from "./copilot.ts";
import { gemini } from "./gemini.ts";
import { openWebui } from "./open-webui.ts";
import { opencode } from "./opencode.ts";
import { qwen } from "./qwen.ts";
import { roo } from "./roo.ts";
import { zed } from "./zed.ts";

export const agents: readonly Agent[] = [
  claude,
  codex,
  gemini,
  opencode,
  qwen,
  cline,
  continueDev,
  roo,
  zed,
  copilot,
  aider,
  openWebui,
];

/** An agent by one of its names; a failure that says what was probably meant. */
export function findAgent(asked: string): Agent {
  const name = asked.toLowerCase();
  const found = agents.find(({ id, also = [] }) => id === name || also.includes(name));
  if (found) return found;
  const ids = agents.map(({ id }) => id);
  const meant = suggest(name, [...ids, ...agents.flatMap(({ also = [] }) => also)]);
  const advice = meant === undefined ? `there is ${ids.join(", ")}` : `did you mean "${meant}"?`;
  throw new CliError("bad-value", `there is no agent "${asked}"`, advice);
}
