export interface NameMatch {
  name: string;
  /** The name as the model wrote it, where it differs. */
  repairedFrom?: string;
}

export interface NameResolver {
  /** The request's tool a model means, or nothing. Never the nearest one: a wrong tool must not run. */
  resolve: (written: string) => NameMatch | undefined;
  names: readonly string[];
}

/** Tools by the names models write: exact, then without known prefixes, then normalised; each only if unique. */
export function createNameResolver(
  names: readonly string[],
  options: { strict?: boolean } = {},
): NameResolver {
  const exact = new Set(names);
  const normalised = new Map<string, string | undefined>();
  for (const name of names) {
    for (const form of new Set([normalise(name), normalise(withoutServer(name))])) {
      normalised.set(form, normalised.has(form) && normalised.get(form) !== name ? undefined : name);
    }
  }
  const resolve = (written: string): NameMatch | undefined => {
    if (exact.has(written)) return { name: written };
    if (options.strict) return undefined;
    for (const form of cleaned(written)) {
      if (exact.has(form)) return { name: form, repairedFrom: written };
    }
    for (const form of cleaned(written)) {
      const name = normalised.get(normalise(form));
      if (name !== undefined) return { name, repairedFrom: written };
    }
    return undefined;
  };
  return { resolve, names };
}

/** The forms of a written name to look for, nearest first. */
function cleaned(written: string): string[] {
  // gpt-oss leaks its channel into the name, Kimi counts its calls behind a colon.
  const cut = written.split("<|", 1)[0] ?? "";
  const bare = cut
    .trim()
    .replace(/^["'`]|["'`]$|\(\)$/g, "")
    .replace(/[\s:]\d{1,6}$/, "")
    .trim();
  const forms = [bare];
  const prefix = PREFIXES.find((start) => bare.toLowerCase().startsWith(start));
  if (prefix !== undefined) forms.push(bare.slice(prefix.length));
  if (bare.toLowerCase().endsWith("_tool")) forms.push(bare.slice(0, -5));
  return forms.filter((form) => form !== "");
}

const normalise = (name: string): string => name.toLowerCase().replace(/[\s_.-]/g, "");

/** `mcp__server__tool` → `tool`: models drop the server. */
const withoutServer = (name: string): string =>
  name.startsWith("mcp__") && name.includes("__", 5) ? name.slice(name.indexOf("__", 5) + 2) : name;

const PREFIXES = [
  "functions.",
  "function.",
  "default_api.",
  "default_api:",
  "tools.",
  "tool.",
  "tool:",
  "repo_browser.",
];
