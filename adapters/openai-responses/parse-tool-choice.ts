import type { ToolChoice } from "../unified.ts";
import {
  invalid,
  isObject,
  optionalString,
  readArray,
  readName,
  readObject,
  type Json,
  toWord,
} from "../validate.ts";
import { toBuiltInTool } from "./built-in-tools.ts";
import { clientToolName, isClientTool, type ToolTable } from "./tool-table.ts";

export interface ParsedToolChoice {
  choice?: ToolChoice;
  /** `allowed_tools`: the only tools the model may call now, by unified name, and hosted ones by type. */
  allowed?: { names: Set<string>; types: Set<string> };
  /** A hosted tool is asked for, which only this protocol can say. */
  hosted?: boolean;
}

export function parseToolChoice(value: unknown, table: ToolTable): ParsedToolChoice {
  if (value === undefined || value === null) return {};
  if (typeof value === "string") {
    if (value === "auto" || value === "none" || value === "required") return { choice: value };
    throw invalid("tool_choice", `"auto", "none", "required" or object`, value);
  }
  const choice = readObject(value, "tool_choice");
  if (choice.type === "function" || choice.type === "custom") {
    const name = readName(clientToolName(choice), "tool_choice.name");
    return {
      choice: { name: table.toName(name, optionalString(choice.namespace, "tool_choice.namespace")) },
    };
  }
  const builtIn = toBuiltInTool(choice)?.name;
  if (builtIn !== undefined && table.tools.some(({ name }) => name === builtIn))
    return { choice: { name: builtIn } };
  if (choice.type === "allowed_tools") return parseAllowed(choice, table);
  return { choice: "auto", hosted: true };
}

function parseAllowed(choice: Json, table: ToolTable): ParsedToolChoice {
  const names = new Set<string>();
  const types = new Set<string>();
  for (const tool of readArray(choice.tools, "tool_choice.tools")) {
    if (!isObject(tool)) continue;
    const name = clientToolName(tool);
    if (!isClientTool(tool)) types.add(toWord(tool.type));
    else if (typeof name === "string") {
      names.add(table.toName(name, typeof tool.namespace === "string" ? tool.namespace : undefined));
    }
  }
  return { choice: choice.mode === "required" ? "required" : "auto", allowed: { names, types } };
}
