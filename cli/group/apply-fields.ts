import type { ArgsDef } from "citty";
import type { CompatConfig, GroupConfig, PromptConfig, ToolsMode } from "../../storage/types.ts";
import type { Invocation } from "../command.ts";
import { toNumber, toWords } from "../to-value.ts";

/** The flags that set a group's fields. */
export const groupArgs = {
  tools: {
    type: "enum",
    options: ["auto", "native", "compat"],
    description:
      "How tools reach the model: native where it has them (auto), always native, always emulated (compat).",
  },
  "compat-dialect": {
    type: "string",
    valueHint: "name",
    description: "The notation in which compat mode asks for calls.",
  },
  "compat-strict": { type: "boolean", description: "Compat mode repairs nothing and never asks again." },
  "compat-reasks": {
    type: "string",
    valueHint: "number",
    description: "How often compat mode asks again about a call that failed: 0 to 2.",
  },
  "compat-prompt": {
    type: "string",
    valueHint: "text",
    description: "Compat mode's own tool prompt, with {tools} for the tools; - for standard input.",
  },
  "temperature-ratio": {
    type: "string",
    valueHint: "number",
    description: "The caller's temperature times this.",
  },
  "prompt-mode": {
    type: "enum",
    options: ["off", "enhance", "replace"],
    description: "What happens to the caller's system prompt.",
  },
  "prompt-text": { type: "string", description: "The text for it; - for standard input." },
  "prompt-position": { type: "enum", options: ["system", "user"], description: "Where the text goes." },
  "prompt-model": {
    type: "string",
    valueHint: "alias",
    description: "Only for this alias (a name or a pattern).",
  },
  "tool-filter": { type: "string", valueHint: "tool", description: "A tool that never reaches the model." },
} satisfies ArgsDef;

export const repeatableGroupArgs = ["prompt-model", "tool-filter"] as const;

export interface GroupFlags {
  tools?: string;
  "compat-dialect"?: string;
  "compat-strict"?: boolean;
  "compat-reasks"?: string;
  "compat-prompt"?: string;
  "temperature-ratio"?: string;
  "prompt-mode"?: string;
  "prompt-text"?: string;
  "prompt-position"?: string;
}

/** What the flags say, as a change to be applied to a group. Prompt and compat settings join those that are there. */
export async function applyFields(
  flags: GroupFlags,
  { io, list }: Invocation,
): Promise<(group: GroupConfig) => void> {
  const ratio = flags["temperature-ratio"];
  const filter = list("tool-filter");
  const models = list("prompt-model");
  const read = async (given: string | undefined): Promise<string | undefined> =>
    given === "-" ? (await io.readStdin()).trimEnd() : given;
  const text = await read(flags["prompt-text"]);
  const template = await read(flags["compat-prompt"]);
  const reasks = flags["compat-reasks"];
  const fields: Partial<GroupConfig> = {
    ...(flags.tools !== undefined && { tools: flags.tools as ToolsMode }),
    ...(ratio !== undefined && { temperatureRatio: toNumber("temperature-ratio", ratio) }),
    ...(filter && { toolFilter: toWords(filter) }),
  };
  const prompt: Partial<PromptConfig> = {
    ...(flags["prompt-mode"] !== undefined && { mode: flags["prompt-mode"] as PromptConfig["mode"] }),
    ...(text !== undefined && { text }),
    ...(flags["prompt-position"] !== undefined && {
      position: flags["prompt-position"] as "system" | "user",
    }),
    ...(models && { models: toWords(models) }),
  };
  const compat: CompatConfig = {
    ...(flags["compat-dialect"] !== undefined && { dialect: flags["compat-dialect"] }),
    ...(flags["compat-strict"] !== undefined && { strict: flags["compat-strict"] }),
    ...(reasks !== undefined && { reasks: toNumber("compat-reasks", reasks) }),
    ...(template !== undefined && { prompt: template }),
  };
  return (group) => {
    Object.assign(group, fields);
    if (Object.keys(compat).length > 0) group.compat = { ...group.compat, ...compat };
    // A text without a mode is meant to be used: appended, which takes nothing away.
    if (Object.keys(prompt).length > 0) group.prompt = { mode: "enhance", ...group.prompt, ...prompt };
  };
}
