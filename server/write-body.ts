import { perFrozen } from "../adapters/per-frozen.ts";
import type { Json } from "../adapters/validate.ts";

/**
 * A body as JSON text. What of it is frozen many bodies have in common, such as an agent's tools and its system text:
 * that is written once, and put in its place as bytes.
 */
export function writeBody(body: Json): string | Buffer {
  if (!Object.values(body).some(holdsKept)) return JSON.stringify(body);
  const pieces: Buffer[] = [];
  let text = "{";
  const add = (value: unknown): void => {
    if (!isKept(value)) {
      text += JSON.stringify(value) ?? "null";
      return;
    }
    pieces.push(Buffer.from(text), toBytes(value));
    text = "";
  };
  let between = "";
  for (const [key, value] of Object.entries(body)) {
    if (value === undefined) continue;
    text += `${between}${JSON.stringify(key)}:`;
    between = ",";
    if (isKept(value) || !Array.isArray(value)) add(value);
    else {
      text += "[";
      for (let index = 0; index < value.length; index++) {
        if (index > 0) text += ",";
        add(value[index]);
      }
      text += "]";
    }
  }
  pieces.push(Buffer.from(`${text}}`));
  return Buffer.concat(pieces);
}

const holdsKept = (value: unknown): boolean => isKept(value) || (Array.isArray(value) && value.some(isKept));

const isKept = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.isFrozen(value);

const toBytes = perFrozen((value: object) => Buffer.from(JSON.stringify(value)));
