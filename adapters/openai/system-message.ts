import type { TextPart } from "../unified.ts";
import type { WireMessage } from "./wire.ts";

type Role = "developer" | "system";

interface Known {
  role: Role;
  texts: readonly string[];
  message: WireMessage;
}

/**
 * The system message of these texts. Agents send the same long one with every request: one that was asked for lately
 * is the same object, and frozen, so that who writes it out may know it again.
 */
export function toSystemMessage(role: Role, parts: readonly TextPart[]): WireMessage | undefined {
  let length = 0;
  for (const { text } of parts) length += text.length;
  if (length < SHORTEST || length > LONGEST) return write(role, parts);
  const found = known.find((one) => one.role === role && isSame(one.texts, parts));
  if (found) return found.message;
  const message = Object.freeze(write(role, parts));
  if (message) known = [{ role, texts: parts.map(({ text }) => text), message }, ...known.slice(0, MOST - 1)];
  return message;
}

const isSame = (texts: readonly string[], parts: readonly TextPart[]): boolean =>
  texts.length === parts.length && texts.every((text, index) => text === parts[index]?.text);

function write(role: Role, parts: readonly TextPart[]): WireMessage | undefined {
  let content = "";
  for (const { text } of parts) content += content === "" || text === "" ? text : `\n\n${text}`;
  return content === "" ? undefined : { role, content };
}

let known: readonly Known[] = [];

/** Characters of all texts together. What is shorter is written as fast as it is looked up. */
const SHORTEST = 2000;
const LONGEST = 250_000;
const MOST = 8;
