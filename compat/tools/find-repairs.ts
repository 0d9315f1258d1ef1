import type { ReadEvent } from "./read-calls.ts";

/**
 * What a reader forgives without a word, because it looks for the call and not at its frame: closers that are missing or
 * another's, fences inside of tags, surplus brackets, other words for `name` and `arguments`, no marker at all.
 */
export function findRepairs({ raw, dialect, calls }: Extract<ReadEvent, { type: "calls" }>): string[] {
  if (dialect === "call-tags") return ["no outer tag"];
  if (UNMARKED.has(dialect)) return ["no marker"];
  if (dialect !== "tag") return [];
  const found: string[] = [];
  const [opener = "", name = ""] = /^<([^<>]{1,40})>/.exec(raw) ?? [];
  const text = raw.trimEnd();
  const closed = text.endsWith(`</${name}>`);
  const closer = /<\/[^<>]{1,40}>$/.exec(text.slice(-50))?.[0] ?? "";
  if (!closed) found.push(closer === "" ? "unclosed call" : "wrong closer");
  const body = text.slice(opener.length, text.length - (closed || closer !== "" ? closer.length : 0)).trim();
  if (body.startsWith("```")) found.push("fence in a tag");
  else if (body.startsWith("{") && calls.length === 1 && !calls[0]?.repairs?.length)
    found.push(...findInObject(body));
  return found;
}

/** What is wrong around one object that was read without a repair. */
function findInObject(body: string): string[] {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return /\}\s*[}\]]$/.test(body.slice(-200)) ? ["surplus brackets"] : [];
  }
  const keys = Object.keys(value);
  const known = keys.length === 1 ? keys[0] === "name" : keys.some((key) => ARGUMENTS.has(key));
  return keys.includes("name") && known ? [] : ["other keys"];
}

/** Kinds that say how a model writes by nature, and nothing against a call: families are trained so. */
export const BY_NATURE: ReadonlySet<string> = new Set(["no outer tag", "no marker"]);

const UNMARKED = new Set(["bare-json", "bare-list", "named", "named-python"]);
const ARGUMENTS = new Set(["arguments", "parameters"]);
