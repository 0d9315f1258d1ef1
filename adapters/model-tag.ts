/** Ollama's names always have a tag; one that is left out is `latest`. A colon before the last slash is a port. */
export const withTag = (name: string): string =>
  name.includes(":", name.lastIndexOf("/") + 1) ? name : `${name}:latest`;

/** The name without the tag that is implied anyway: `foo:latest` → `foo`. */
export const withoutLatest = (name: string): string =>
  name.toLowerCase().endsWith(":latest") ? name.slice(0, -":latest".length) : name;

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
