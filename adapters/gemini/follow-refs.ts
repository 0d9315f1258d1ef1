import { isObject, type Json } from "../validate.ts";

export interface Followed {
  schema: Json;
  /** The references on the way here, this one's included. */
  path: readonly string[];
}

/**
 * A schema with the one its `$ref` names in its place, what stands beside it on top. A reference that leads back to
 * itself is followed once more and then ends in a schema of the same type; one that leads nowhere says nothing.
 */
export function followRefs(given: Json, root: Json, before: readonly string[]): Followed {
  const path = [...before];
  let schema = given;
  while (typeof schema.$ref === "string") {
    const { $ref: ref, ...beside } = schema as Json & { $ref: string };
    const target = resolvePointer(root, ref);
    if (!isObject(target)) return { schema: beside, path };
    const isLoop = path.length > MAX_LENGTH || path.filter((seen) => seen === ref).length > 1;
    if (isLoop) return { schema: { ...pickType(target), ...beside }, path };
    path.push(ref);
    schema = Object.assign({}, target, beside);
  }
  return { schema, path };
}

const pickType = ({ type }: Json): Json => (type === undefined ? {} : { type });

/** What `#/$defs/Name` and its like name in the root schema. */
function resolvePointer(root: Json, ref: string): unknown {
  if (!ref.startsWith("#")) return undefined;
  let found: unknown = root;
  for (const step of ref.split("/").slice(1)) {
    const name = decode(step).replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(found)) found = found[Number(name)];
    else if (isObject(found) && Object.hasOwn(found, name)) found = found[name];
    else return undefined;
  }
  return found;
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

const MAX_LENGTH = 32;
