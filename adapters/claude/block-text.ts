import { isObject, type Json } from "../validate.ts";
import { firstWord } from "./first-word.ts";

/**
 * What a person could read of a block that no other protocol has (server tools and their results, uploads, blocks of
 * versions to come): never empty, so that nothing disappears from a conversation unseen.
 */
export function toBlockText(block: Json): string {
  const type = typeof block.type === "string" ? block.type : "unknown";
  switch (type) {
    case "tool_reference":
      return toToolLoadedText(firstWord(block.tool_name));
    case "server_tool_use":
    case "mcp_tool_use":
    case "tool_use":
      return `[${firstWord(block.name, type)} called with ${JSON.stringify(block.input ?? {})}]`;
    case "container_upload":
      return `[file ${firstWord(block.file_id)} uploaded to the container]`;
    case "tool_addition":
    case "tool_removal": {
      const tool = isObject(block.tool) ? block.tool : {};
      const definition = isObject(tool.definition) ? tool.definition : tool;
      const name = firstWord(definition.name, definition.server_name);
      return `[tool ${name} ${type === "tool_addition" ? "added" : "removed"}]`;
    }
    default: {
      const words: string[] = [];
      collect(block, words, 0);
      return words.length ? words.join("\n") : `[${type} block]`;
    }
  }
}

/** How a `tool_reference` (a tool that Claude Code's tool search found) reads for other models. */
const toToolLoadedText = (name: string): string => `${LOADED_BEFORE}${name}${LOADED_AFTER}`;

/** The tool a text made by `toToolLoadedText` names. */
export function readToolLoadedText(text: string): string | undefined {
  if (!text.startsWith(LOADED_BEFORE) || !text.endsWith(LOADED_AFTER)) return undefined;
  return text.slice(LOADED_BEFORE.length, text.length - LOADED_AFTER.length);
}

function collect(value: unknown, words: string[], depth: number): void {
  if (depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === "string") words.push(item);
      else collect(item, words, depth + 1);
    }
  } else if (isObject(value)) {
    for (const key of READABLE) {
      const inner = value[key];
      if (typeof inner === "string") {
        if (inner.trim() !== "") words.push(inner);
      } else collect(inner, words, depth + 1);
    }
  }
}

const MAX_DEPTH = 8;
const READABLE = ["title", "url", "source", "text", "stdout", "stderr", "error_code", "content", "tool_name"];
const LOADED_BEFORE = "The tool ";
const LOADED_AFTER = " is loaded and can be called now.";
