import { createHash } from "node:crypto";
import type { UnifiedRequest } from "./unified.ts";

/** What a protocol allows as a tool's name. */
export interface NameRule {
  /** One character class, for the characters allowed: /[a-zA-Z0-9_-]/ */
  allowed: RegExp;
  /** What the first character must be; a prefix `_` is put in front otherwise. */
  first?: RegExp;
  maxLength: number;
}

export interface NameMap {
  /** The client's name → the provider's. */
  toWire: (name: string) => string;
  /** The provider's name → the client's; unknown names come back as they are. */
  fromWire: (name: string) => string;
}

/**
 * Names that a provider accepts for every tool of the request, past calls included: unchanged where allowed, else
 * cleaned and given a hash of the full name. Depends on the request alone, so it is the same on every turn.
 */
export function createNameMap(request: UnifiedRequest, rule: NameRule): NameMap {
  // Most requests ask for no name that has to be changed, and most answers for none at all.
  let tables: Tables | undefined;
  const look = (): Tables => (tables ??= createTables(request, rule));
  return {
    toWire: (name) => (fits(name, rule) ? name : (look().toWire.get(name) ?? shorten(name, rule))),
    fromWire(wire) {
      const { fromWire } = look();
      return fromWire.get(wire) ?? fromWire.get(stripPrefix(wire)) ?? wire;
    },
  };
}

interface Tables {
  toWire: ReadonlyMap<string, string>;
  fromWire: ReadonlyMap<string, string>;
}

function createTables(request: UnifiedRequest, rule: NameRule): Tables {
  const names = new Set(request.tools?.map((tool) => tool.name));
  for (const message of request.messages) {
    if (message.role !== "assistant" && message.role !== "tool") continue;
    for (const part of message.content) {
      if (part.type === "tool-call" || part.type === "tool-result") names.add(part.name);
    }
  }
  const toWire = new Map<string, string>();
  const fromWire = new Map<string, string>();
  for (const name of names) if (fits(name, rule)) remember(name, name);
  for (const name of names) if (!fits(name, rule)) remember(name, shortenApart(name));

  /** A short name that no tool of the request has, should one be called what another's name is cut to. */
  function shortenApart(name: string): string {
    let wire = shorten(name, rule);
    for (let salt = "+"; fromWire.has(wire); salt += "+") wire = shorten(name, rule, salt);
    return wire;
  }
  function remember(name: string, wire: string): void {
    toWire.set(name, wire);
    fromWire.set(wire, name);
  }
  return { toWire, fromWire };
}

/** Whether a name stays as it is. */
export function fits(name: string, rule: NameRule): boolean {
  if (name.length > rule.maxLength || name === "") return false;
  if (rule.first && !rule.first.test(name[0] ?? "")) return false;
  let allowed = WHOLE.get(rule);
  if (!allowed) WHOLE.set(rule, (allowed = new RegExp(`^(?:${rule.allowed.source})*$`)));
  return allowed.test(name);
}

/** The names that a rule's class of characters makes. */
const WHOLE = new WeakMap<NameRule, RegExp>();

function shorten(name: string, rule: NameRule, salt = ""): string {
  const hash = createHash("sha256").update(name).update(salt).digest("hex").slice(0, 8);
  let clean = [...name].map((character) => (rule.allowed.test(character) ? character : "_")).join("");
  if (rule.first && !rule.first.test(clean[0] ?? "")) clean = `_${clean}`;
  return `${clean.slice(0, rule.maxLength - 9)}_${hash}`;
}

/** Some Gemini gateways put a namespace in front of the name: `default_api:Bash`. */
const stripPrefix = (name: string): string => name.slice(name.indexOf(":") + 1);
