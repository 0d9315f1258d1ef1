import { toFunctionTool } from "../../adapters/custom-tools.ts";
import { perFrozen } from "../../adapters/per-frozen.ts";
import type { Tool } from "../../adapters/unified.ts";
import { isObject } from "../../adapters/validate.ts";
import { holdsForbidden, settleArgs } from "./arguments.ts";
import type { ReadCall } from "./block.ts";
import { createNameResolver, type NameResolver } from "./names.ts";

export interface Toolbox {
  names: NameResolver;
  schemaOf: (name: string) => unknown;
  /** Whether one of these tools has an argument of this name; true where a schema leaves that open. Default: all. */
  isArgument: (key: string, of?: readonly string[]) => boolean;
  settle: (call: ReadCall) => SettledCall;
}

export type SettledCall =
  | { kind: "good"; name: string; json: string; repairs: string[] }
  /** A known tool, but arguments its schema does not allow. */
  | { kind: "misfit"; name: string; json: string; problems: string[] }
  | { kind: "unknown"; name: string }
  /** Arguments that are no object. */
  | { kind: "broken"; name: string }
  /** A tool of the request, but another one must be called. */
  | { kind: "unwanted"; name: string }
  /** Must not be used in any way. */
  | { kind: "refused"; name: string };

/** The request's tools, and what becomes of a call to one of them. `only`: the one tool that may be called. */
export function createToolbox(
  tools: readonly Tool[],
  options: { strict?: boolean; only?: string } = {},
): Toolbox {
  const schemas = schemasOf(tools);
  const names = options.strict ? strictNames(tools) : lenientNames(tools);
  const settle = (call: ReadCall): SettledCall => {
    const match = names.resolve(call.name);
    if (!match) return { kind: holdsForbidden(call.args) ? "refused" : "unknown", name: call.name };
    if (options.only !== undefined && match.name !== options.only)
      return { kind: "unwanted", name: match.name };
    const schema = schemas.get(match.name);
    const settled = settleArgs(withText(call, schema), schema, { strict: options.strict, tool: true });
    if (settled === "forbidden") return { kind: "refused", name: match.name };
    if (settled === "no object") return { kind: "broken", name: match.name };
    const repairs = [
      ...settled.repairs,
      ...(call.repairs ?? []),
      ...(match.repairedFrom === undefined ? [] : ["name"]),
    ];
    if (options.strict && repairs.length)
      return { kind: "misfit", name: match.name, json: settled.json, problems: repairs };
    if (settled.problems.length)
      return { kind: "misfit", name: match.name, json: settled.json, problems: settled.problems };
    return { kind: "good", name: match.name, json: settled.json, repairs };
  };
  const keysOf = new Map<string, Set<string>>();
  const isArgument = (key: string, of: readonly string[] = [...schemas.keys()]): boolean => {
    const id = of.join("\n");
    const keys = keysOf.get(id) ?? collectKeys(of.map((name) => schemas.get(name)));
    keysOf.set(id, keys);
    return keys.size === 0 || keys.has(key);
  };
  return { names, schemaOf: (name) => schemas.get(name), isArgument, settle };
}

const schemasOf = perFrozen(
  (tools: readonly Tool[]): ReadonlyMap<string, unknown> =>
    new Map(tools.map((tool) => [tool.name, schemaOf(tool)])),
);
const namesOf = perFrozen((tools: readonly Tool[]): readonly string[] => {
  const names = [...schemasOf(tools).keys()];
  return Object.isFrozen(tools) ? Object.freeze(names) : names;
});
const lenientNames = perFrozen((tools: readonly Tool[]) => createNameResolver(namesOf(tools)));
const strictNames = perFrozen((tools: readonly Tool[]) =>
  createNameResolver(namesOf(tools), { strict: true }),
);

/** The property names in schemas, at every depth; none where one schema leaves its keys open. */
function collectKeys(schemas: readonly unknown[]): Set<string> {
  const keys = new Set<string>();
  let open = false;
  let nodes = 0;
  const visit = (rule: unknown, depth: number): void => {
    if (depth > 16 || ++nodes > 5000) return;
    if (Array.isArray(rule)) for (const part of rule) visit(part, depth + 1);
    if (!isObject(rule)) return;
    const properties = isObject(rule.properties) ? Object.entries(rule.properties) : [];
    if (rule.type === "object" && properties.length === 0) open = true;
    for (const [key, inner] of properties) {
      keys.add(key);
      visit(inner, depth + 1);
    }
    for (const word of ["items", "anyOf", "oneOf", "allOf", "$defs", "definitions"])
      visit(rule[word], depth + 1);
  };
  for (const schema of schemas) visit(schema, 0);
  return open ? new Set() : keys;
}

/** The schema of a tool; some clients wrap it once more. */
function schemaOf(tool: Tool): unknown {
  const { parameters } = toFunctionTool(tool);
  return isObject(parameters.jsonSchema) && parameters.type === undefined
    ? parameters.jsonSchema
    : parameters;
}

/** Plain text as the arguments of a tool that takes exactly one text, `input`: custom tools do. */
function withText(call: ReadCall, schema: unknown): ReadCall["args"] {
  if (call.args.kind !== "value" || typeof call.args.value !== "string" || !isObject(schema))
    return call.args;
  const properties = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  const [key, rule] = properties[0] ?? [];
  const text = call.args.value;
  if (
    key !== "input" ||
    properties.length !== 1 ||
    !isObject(rule) ||
    rule.type !== "string" ||
    /^\s*\{/.test(text)
  )
    return call.args;
  return { kind: "value", value: { [key]: text } };
}
