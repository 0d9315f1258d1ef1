import type { ArgDef } from "citty";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { suggest } from "../storage/suggest.ts";
import type { Command, Invocation } from "./command.ts";
import { CliError, type ErrorCode } from "./exit-code.ts";

/**
 * Refuses what citty lets pass (unknown flags, flags without their value, missing and superfluous words) and reads
 * the flags given more than once, of which citty keeps the last.
 */
export function checkArgs(
  path: string[],
  command: Command,
  rest: string[],
): Pick<Invocation, "list" | "words"> & { has: (flag: string) => boolean } {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  const known = Object.entries(command.args);
  for (const [name, arg] of known) {
    if (arg.type === "positional") continue;
    const short = toShort(arg);
    options[name] = {
      type: arg.type === "boolean" ? "boolean" : "string",
      multiple: true,
      ...(short !== undefined && { short }),
    };
  }
  options["help"] = { type: "boolean", short: "h", multiple: true };
  const { tokens, positionals } = parseArgs({
    args: rest,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const switches = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const name =
      token.name.startsWith("no-") && isSwitch(command, token.name.slice(3))
        ? token.name.slice(3)
        : token.name;
    const arg = Object.hasOwn(command.args, name) ? command.args[name] : undefined;
    if (!arg || arg.type === "positional")
      throw usage(
        "unknown-flag",
        path,
        `unknown flag ${token.rawName}`,
        hint(name, Object.keys(options), "--"),
      );
    if (arg.type === "boolean") {
      if (name === token.name) switches.add(name);
      continue;
    }
    const isFlag =
      token.inlineValue === false &&
      token.value.startsWith("--") &&
      Object.hasOwn(options, token.value.slice(2));
    if (token.value === undefined || isFlag)
      throw usage("missing-argument", path, `${token.rawName} needs a value`);
    const allowed = arg.type === "enum" ? arg.options : undefined;
    if (allowed && !allowed.includes(token.value)) {
      throw usage(
        "bad-value",
        path,
        `${token.rawName}: expected one of ${allowed.join(", ")}, got "${token.value}"`,
        hint(token.value, allowed),
      );
    }
    values.set(name, [...(values.get(name) ?? []), token.value]);
  }
  for (const [name, given] of values) {
    if (given.length > 1 && !command.repeatable.includes(name))
      throw usage("unexpected-argument", path, `--${name} was given ${given.length} times`);
  }
  const named = known.filter(([, arg]) => arg.type === "positional");
  const missing = named.find(([, arg], index) => arg.required !== false && (positionals[index] ?? "") === "");
  if (missing) throw usage("missing-argument", path, `<${missing[0]}> is missing`);
  const lacking = known.find(([name, arg]) => arg.type !== "positional" && arg.required && !values.has(name));
  if (lacking) throw usage("missing-argument", path, `--${lacking[0]} is missing`);
  if (!command.more && positionals.length > named.length)
    throw usage("unexpected-argument", path, `unexpected "${positionals[named.length] ?? ""}"`);
  return { list: (flag) => values.get(flag), words: positionals, has: (flag) => switches.has(flag) };
}

/** The letter a flag is also called by. */
export const toShort = (arg: ArgDef): string | undefined => {
  const { alias } = arg as { alias?: string | string[] };
  return [alias].flat().find((name) => name?.length === 1);
};

const isSwitch = (command: Command, name: string): boolean =>
  Object.hasOwn(command.args, name) && command.args[name]?.type === "boolean";

function hint(word: string, known: readonly string[], before = ""): string | undefined {
  const meant = suggest(word, known);
  return meant === undefined ? undefined : `did you mean ${before}${meant}?`;
}

const usage = (code: ErrorCode, path: string[], message: string, meant?: string): CliError =>
  new CliError(code, message, meant ?? `'ccproxy ${path.join(" ")} --help' shows what there is`);
