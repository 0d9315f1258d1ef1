import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A secret that is found wherever it turns up. Its first twelve characters are its own, and no pattern of keys fits it. */
export const makeCanary = (kind: string): string => `Zq${kind}${randomBytes(18).toString("hex")}`;

export interface Sighting {
  where: string;
  canary: string;
  form: string;
}

/** Where canaries turn up in texts: as they are, encoded, or cut after twelve characters. */
export function findCanaries(
  texts: Iterable<[where: string, text: string]>,
  canaries: Record<string, string>,
): Sighting[] {
  const forms = Object.entries(canaries).flatMap(([canary, value]) =>
    Object.entries(toForms(value)).map(([form, needle]) => ({ canary, form, needle })),
  );
  return [...texts].flatMap(([where, text]) =>
    forms.filter(({ needle }) => text.includes(needle)).map(({ canary, form }) => ({ where, canary, form })),
  );
}

/** Every file below a folder, as text. */
export function readFolder(dir: string, leftOut: (name: string) => boolean): [string, string][] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !leftOut(entry.name))
    .map((entry) => [
      entry.name,
      `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), "latin1")}`,
    ]);
}

function toForms(value: string): Record<string, string> {
  const base64 = [0, 1, 2].map((shift) => {
    // In the middle of something longer, the letters depend on where it begins.
    const text = Buffer.from(" ".repeat(shift) + value).toString("base64");
    return text.slice(shift === 0 ? 0 : 4, -4);
  });
  return {
    raw: value,
    beginning: value.slice(0, 12),
    json: JSON.stringify(value).slice(1, -1),
    url: encodeURIComponent(value),
    hex: Buffer.from(value).toString("hex"),
    ...Object.fromEntries(base64.map((text, shift) => [`base64 at ${shift}`, text])),
    base64url: Buffer.from(value).toString("base64url"),
  };
}
