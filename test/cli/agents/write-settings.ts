import type { FormatName } from "../../../cli/fields/load-format.ts";

/** A dice that falls the same way for the same seed. */
export type Dice = (sides: number) => number;

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

type Tree = Record<string, unknown>;

/** Settings as people write them: any order, indentation, line ends, comments, a mark in front, no line end at the end. */
export function writeSettings(format: FormatName, tree: Tree, dice: Dice): string {
  const text = WRITERS[format](tree, dice);
  const ended = dice(3) === 0 ? text.replace(/\n+$/, "") : text;
  return (dice(5) === 0 ? "\uFEFF" : "") + (dice(3) === 0 ? ended.replaceAll("\n", "\r\n") : ended);
}

const pick = <T>(dice: Dice, items: readonly T[]): T => items[dice(items.length)] as T;

const COMMENTS = ["mine", 'do not touch: "quoted" }', "[x] = 1, y: 2", "über ☃", "a, b, c"];

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The members, shuffled. */
function shuffled(tree: Tree, dice: Dice): [string, unknown][] {
  return Object.entries(tree)
    .map((entry): [number, [string, unknown]] => [dice(1000), entry])
    .toSorted(([a], [b]) => a - b)
    .map(([, entry]) => entry);
}

function writeJson(tree: Tree, dice: Dice): string {
  const unit = pick(dice, ["  ", "    ", "\t"]);
  const hasComments = dice(2) === 0;
  const comment = (): string => (hasComments && dice(4) === 0 ? ` // ${pick(dice, COMMENTS)}` : "");
  const write = (value: unknown, indent: string): string => {
    if (!isTree(value)) return JSON.stringify(value);
    const members = shuffled(value, dice);
    if (members.length === 0)
      return hasComments && dice(3) === 0 ? "{ /* none */ }" : pick(dice, ["{}", "{ }", `{\n${indent}}`]);
    if (dice(4) === 0 && indent !== "")
      return `{ ${members.map(([name, member]) => `${JSON.stringify(name)}: ${JSON.stringify(member)}`).join(", ")} }`;
    const deeper = indent + unit;
    const lines = members.map(([name, member], index) => {
      const isLast = index === members.length - 1;
      const comma = !isLast || (hasComments && dice(4) === 0) ? "," : "";
      const above = hasComments && dice(5) === 0 ? `${deeper}/* ${pick(dice, COMMENTS)} */\n` : "";
      const gap = dice(6) === 0 ? "\n" : "";
      return `${gap}${above}${deeper}${JSON.stringify(name)}${pick(dice, [": ", ":", " : "])}${write(member, deeper)}${comma}${comment()}`;
    });
    return `{\n${lines.join("\n")}\n${indent}}`;
  };
  const head = hasComments && dice(2) === 0 ? `// ${pick(dice, COMMENTS)}\n` : "";
  return `${head}${write(tree, "")}\n`;
}

function writeToml(tree: Tree, dice: Dice): string {
  const lines: string[] = dice(2) === 0 ? [`# ${pick(dice, COMMENTS)}`] : [];
  const comment = (): string => (dice(5) === 0 ? ` # ${pick(dice, COMMENTS)}` : "");
  const key = (name: string): string => (/^[\w-]+$/.test(name) && dice(5) > 0 ? name : JSON.stringify(name));
  const value = (item: unknown): string =>
    typeof item === "string" && dice(4) === 0 && !/['\n]/.test(item) ? `'${item}'` : JSON.stringify(item);
  const write = (node: Tree, path: string[]): void => {
    const members = shuffled(node, dice);
    const leaves = members.filter(([, member]) => !isTree(member));
    if (path.length > 0 && (leaves.length > 0 || members.length === 0))
      lines.push(...(dice(2) === 0 ? [""] : []), `[${path.map(key).join(".")}]${comment()}`);
    for (const [name, member] of leaves) {
      if (dice(8) === 0) lines.push(`# ${pick(dice, COMMENTS)}`);
      lines.push(`${pick(dice, ["", "", "  "])}${key(name)} = ${value(member)}${comment()}`);
    }
    for (const [name, member] of members) if (isTree(member)) write(member, [...path, name]);
  };
  write(tree, []);
  if (dice(3) === 0)
    lines.push("", "[[lists]]", "text = '''", "[not.a.table]", "model = 1", "'''", "[[lists]]");
  return `${lines.join("\n")}\n`;
}

function writeYaml(tree: Tree, dice: Dice): string {
  const lines: string[] =
    dice(2) === 0 ? [`# ${pick(dice, COMMENTS)}`, ...(dice(2) === 0 ? ["---"] : [])] : [];
  const comment = (): string => (dice(5) === 0 ? ` # ${pick(dice, COMMENTS)}` : "");
  const key = (name: string): string =>
    /^[A-Za-z][\w-]*$/.test(name) && dice(6) > 0 ? name : JSON.stringify(name);
  const isPlain = (item: unknown): boolean =>
    typeof item === "string" &&
    /^[A-Za-z][\w/-]*$/.test(item) &&
    !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(item);
  const scalar = (item: unknown): string =>
    isPlain(item) && dice(3) > 0 ? String(item) : JSON.stringify(item);
  const dash = pick(dice, ["", "  "]);
  const members = (node: Tree, indent: string, first = indent): void => {
    let lead = first;
    // A map's first line may stand behind a dash: no comment goes there.
    for (const [name, member] of shuffled(node, dice)) {
      if (lead === indent && dice(8) === 0) lines.push(`${indent}# ${pick(dice, COMMENTS)}`);
      write(name, member, indent, lead);
      lead = indent;
    }
  };
  const write = (name: string, member: unknown, indent: string, lead: string): void => {
    if (Array.isArray(member) && member.length > 0 && member.every(isTree)) {
      lines.push(`${lead}${key(name)}:${comment()}`);
      for (const item of member) members(item, `${indent}${dash}  `, `${indent}${dash}- `);
    } else if (isTree(member) && Object.keys(member).length > 0) {
      lines.push(`${lead}${key(name)}:${comment()}`);
      members(member, `${indent}  `);
    } else if (typeof member === "string" && member.length > 8 && lead === indent && dice(6) === 0) {
      lines.push(`${lead}${key(name)}: |-`, `${indent}  ${member}`);
    } else
      lines.push(
        `${lead}${key(name)}: ${member === null ? pick(dice, ["null", "~", ""]) : scalar(member)}${comment()}`.trimEnd(),
      );
    if (dice(8) === 0) lines.push("");
  };
  members(tree, "");
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function writeDotenv(tree: Tree, dice: Dice): string {
  const lines = shuffled(tree, dice).flatMap(([name, value]) => {
    const text = String(value).replaceAll(/[^\w:/. -]/g, "_");
    const shown = pick(dice, [`"${text}"`, `'${text}'`, text.replaceAll(" ", "_")]);
    const above = dice(4) === 0 ? [`# ${name}=old`] : dice(6) === 0 ? [""] : [];
    return [
      ...above,
      `${dice(4) === 0 ? "export " : ""}${name}${pick(dice, ["=", "=", " = "])}${shown}${dice(5) === 0 ? " # why" : ""}`,
    ];
  });
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

const WRITERS: Record<FormatName, (tree: Tree, dice: Dice) => string> = {
  json: writeJson,
  toml: writeToml,
  yaml: writeYaml,
  dotenv: writeDotenv,
};
