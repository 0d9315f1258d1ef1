import { toArgsObject } from "../call-args.ts";
import type { Tool } from "../unified.ts";
import { isObject, type Json, toWord } from "../validate.ts";

/**
 * Tools that the API defines and the client runs: elsewhere they are functions, and their calls come back as the items
 * that the client knows. What the API's models were taught of them stands in the description.
 */
export interface BuiltIn {
  name: string;
  /** The type of the item that is a call, and the field of it that holds the arguments. */
  item: string;
  field: string;
  /** How its ids begin. */
  prefix: string;
  /** The field's value for a call's arguments. */
  toField: (args: Json) => Json;
  /** What else a call item says. */
  fields?: Json;
}

/** The tool as a function; undefined where the provider runs it, or where it is none of these. */
export function toBuiltInTool(body: Json): Tool | undefined {
  const known = KNOWN.get(toWord(body.type));
  if (!known?.isClients(body)) return undefined;
  const { name, description, parameters } = known;
  const said = typeof body.description === "string" ? body.description : description;
  const schema = isObject(body.parameters) ? body.parameters : parameters;
  return { name, description: said, parameters: schema, strict: false, extra: { [BODY]: body } };
}

/** The tool as its client listed it; undefined for functions. */
export const builtInBody = (tool: Tool | undefined): Json | undefined => {
  const body = tool?.extra?.[BODY];
  return isObject(body) ? body : undefined;
};

export const findBuiltIn = (tool: Tool | undefined): BuiltIn | undefined =>
  KNOWN.get(toWord(builtInBody(tool)?.type));

/** The built-in tool that a call item of this type belongs to, where the client is to run it. */
export function findCalled(item: Json): BuiltIn | undefined {
  const found = BY_ITEM.get(toWord(item.type));
  return found?.item === SEARCH && item.execution === "server" ? undefined : found;
}

/** A call item of a built-in tool, at its beginning (arguments "") or whole. */
export const writeBuiltInCall = ({ field, fields, toField }: BuiltIn, args: string): Json => ({
  ...fields,
  [field]: toField(toArgsObject(args)),
});

interface Known extends BuiltIn {
  isClients: (body: Json) => boolean;
  description: string;
  parameters: Json;
}

const strings = { type: "array", items: { type: "string" } };
const object = (properties: Json, required: string[]): Json => ({ type: "object", properties, required });
const always = (): boolean => true;
const stringsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : [];

/** Key in `Tool.extra`. */
const BODY = "built_in";
const SEARCH = "tool_search_call";

const TOOLS: [type: string, Known][] = [
  [
    "tool_search",
    {
      name: "tool_search",
      item: SEARCH,
      field: "arguments",
      prefix: "tsc",
      fields: { execution: "client" },
      toField: (args) => args,
      isClients: (body) => body.execution === "client",
      description:
        "Finds tools that are not listed yet by what they can do. What it finds can be called afterwards.",
      parameters: object({ query: { type: "string" } }, ["query"]),
    },
  ],
  [
    "local_shell",
    {
      name: "local_shell",
      item: "local_shell_call",
      field: "action",
      prefix: "lsh",
      toField: ({ command, env, ...args }) => ({
        ...args,
        type: "exec",
        command: stringsOf(command),
        env: isObject(env) ? env : {},
      }),
      isClients: always,
      description: "Runs a command on the user's machine. The command is a program and its arguments.",
      parameters: object(
        {
          command: strings,
          working_directory: { type: "string" },
          timeout_ms: { type: "integer" },
          env: { type: "object", additionalProperties: { type: "string" } },
        },
        ["command"],
      ),
    },
  ],
  [
    "shell",
    {
      name: "shell",
      item: "shell_call",
      field: "action",
      prefix: "sh",
      toField: ({ commands, timeout_ms = null, max_output_length = null }) => ({
        commands: stringsOf(commands),
        timeout_ms,
        max_output_length,
      }),
      // A container is the provider's, or was made there.
      isClients: ({ environment }) => !isObject(environment) || environment.type === "local",
      description:
        "Runs shell commands, which do not depend on each other, and gives back what each of them wrote.",
      parameters: object(
        { commands: strings, timeout_ms: { type: "integer" }, max_output_length: { type: "integer" } },
        ["commands"],
      ),
    },
  ],
  [
    "apply_patch",
    {
      name: "apply_patch",
      item: "apply_patch_call",
      field: "operation",
      prefix: "apc",
      toField: (args) => args,
      isClients: always,
      description:
        "Creates, updates or deletes a file. The diff holds lines that begin with a space (kept), - (removed) or + (added), in hunks after a line @@ that may name the place, without line numbers; a new file's diff holds + lines alone. Deleting takes no diff.",
      parameters: object(
        {
          type: { type: "string", enum: ["create_file", "update_file", "delete_file"] },
          path: { type: "string" },
          diff: { type: "string" },
        },
        ["type", "path"],
      ),
    },
  ],
];
const KNOWN: ReadonlyMap<string, Known> = new Map(TOOLS);
const BY_ITEM: ReadonlyMap<string, Known> = new Map(TOOLS.map(([, known]) => [known.item, known]));
