import { goQuote, goString, refuse, type GoStruct } from "./go-json.ts";

/** Ollama's names always have a tag; one that is left out is `latest`. A colon before the last slash is a port. */
export const withTag = (name: string): string =>
  name.includes(":", name.lastIndexOf("/") + 1) ? name : `${name}:latest`;

/**
 * The name without what is implied anyway: the tag `latest`, the source `:local` (everything here is local to the
 * daemon), the place where Ollama's own library is. `registry.ollama.ai/library/foo:latest` → `foo`.
 */
export function withoutLatest(name: string): string {
  let bare = name;
  for (const end of [":local", ":latest"])
    if (bare.toLowerCase().endsWith(end)) bare = bare.slice(0, -end.length);
  return bare.toLowerCase().startsWith(LIBRARY) ? bare.slice(LIBRARY.length) : bare;
}

/** Where a name's end says that the model is to run: `foo:cloud`, `foo:20b-cloud`, `foo:20b:local`. */
export const readSource = (name: string): "cloud" | "local" | undefined => splitSource(name).source;

/** A model's name as a body gives it. Throws GatewayError("invalid-request") where it names two sources. */
export function readName(from: GoStruct, key: string): string {
  const name = goString(from, key)?.trim() ?? "";
  const { source, base } = splitSource(name);
  if (source === undefined || splitSource(base).source === undefined) return name;
  throw refuse(`use either :local or :cloud, not both: ${goQuote(name)}`);
}

function splitSource(name: string): { base: string; source?: "cloud" | "local" } {
  const colon = name.lastIndexOf(":");
  const tag =
    colon === -1
      ? ""
      : name
          .slice(colon + 1)
          .trim()
          .toLowerCase();
  if (tag === "cloud" || tag === "local") return { base: name.slice(0, colon), source: tag };
  const isCloud = tag.endsWith("-cloud") && !tag.includes("/");
  return isCloud ? { base: name.slice(0, -"-cloud".length), source: "cloud" } : { base: name };
}

/**
 * Whether Ollama would take it for a name: parts of letters, digits, `_`, `-`, `.` between slashes, then a tag.
 * `@` is allowed too, since a group's name may stand in front; more than three parts are, since providers have such.
 */
export function isModelName(name: string): boolean {
  if (name.length > MAX_LENGTH) return false;
  const tagAt = name.indexOf(":", name.lastIndexOf("/") + 1);
  const path = tagAt === -1 ? name : name.slice(0, tagAt);
  const tag = tagAt === -1 ? undefined : name.slice(tagAt + 1);
  return path.split("/").every(isPart) && (tag === undefined || tag.split(":").every(isPart));
}

const isPart = (part: string): boolean => part.length <= 80 && /^[A-Za-z0-9_][A-Za-z0-9_.@:-]*$/.test(part);
const MAX_LENGTH = 350;
const LIBRARY = "registry.ollama.ai/library/";
