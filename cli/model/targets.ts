import type { ArgsDef } from "citty";
import type { Config, GroupConfig, TargetConfig, TargetObject, ToolsMode } from "../../storage/types.ts";
import { findName } from "../find-name.ts";
import { toNumber } from "../to-value.ts";

/** The flags that set a target's fields. */
export const targetArgs = {
  weight: { type: "string", valueHint: "number", description: "Its share among the targets of the alias." },
  tools: {
    type: "enum",
    options: ["auto", "native", "compat"],
    description: "How tools reach it; wins over the group's setting.",
  },
} satisfies ArgsDef;

export const groupArg = {
  group: {
    type: "string",
    valueHint: "name",
    default: "default",
    description: "The group of the alias; default: default.",
  },
} satisfies ArgsDef;

export type TargetFlags = { weight?: string; tools?: string };

/** What the flags say of targets. */
export function readFields(flags: TargetFlags): Omit<TargetObject, "target"> {
  return {
    ...(flags.weight !== undefined && { weight: toNumber("weight", flags.weight) }),
    ...(flags.tools !== undefined && { tools: flags.tools as ToolsMode }),
  };
}

/** A target with further fields, in its shortest form. */
export function toTarget(target: TargetConfig, fields: Omit<TargetObject, "target">): TargetConfig {
  const whole = { ...(typeof target === "string" ? { target } : target), ...fields };
  return Object.keys(whole).length === 1 ? whole.target : whole;
}

export const nameOf = (target: TargetConfig): string => (typeof target === "string" ? target : target.target);

/** The group with its proper name; a missing `default` is made. */
export function openGroup(config: Config, asked: string): { name: string; group: GroupConfig } {
  if (asked === "default") config.groups["default"] ??= { models: {} };
  const name = findName("group", asked, config.groups);
  const group = config.groups[name] ?? { models: {} };
  return { name, group };
}

/** A target in one line, for people. */
export function describe(target: TargetConfig): string {
  if (typeof target === "string") return target;
  const notes = [
    target.weight === undefined ? "" : `weight ${target.weight}`,
    target.tools === undefined ? "" : `tools ${target.tools}`,
    target.enabled === false ? "off" : "",
  ].filter(Boolean);
  return notes.length === 0 ? target.target : `${target.target} (${notes.join(", ")})`;
}
