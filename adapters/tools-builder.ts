import { perFrozen } from "./per-frozen.ts";
import { fits, type NameMap, type NameRule } from "./tool-names.ts";
import type { Tool } from "./unified.ts";

/**
 * What builds every tool of a list, under its name on the wire. Tools that many requests have in common are built once, and
 * what is made of them is frozen, so that who writes it out may know it again. `rule`: a name that does not fit depends
 * on what else the request names; then all are built anew.
 */
export function createToolsBuilder<T extends object>(
  rule: NameRule | undefined,
  build: (tool: Tool, name: string) => T,
): (tools: readonly Tool[], toWire: NameMap["toWire"]) => readonly T[] {
  const buildKnown = perFrozen((tools: readonly Tool[]): readonly T[] | undefined =>
    tools.every(({ name }) => rule === undefined || fits(name, rule))
      ? Object.freeze(tools.map((tool) => Object.freeze(build(tool, tool.name))))
      : undefined,
  );
  return (tools, toWire) =>
    (Object.isFrozen(tools) ? buildKnown(tools) : undefined) ??
    tools.map((tool) => build(tool, toWire(tool.name)));
}
