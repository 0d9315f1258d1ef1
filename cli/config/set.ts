import { configSchema } from "../../storage/config.schema.ts";
import { isSecretName } from "../../storage/is-secret-name.ts";
import { command } from "../command.ts";
import { withStorage } from "../home.ts";
import { maskConfig } from "../mask-config.ts";
import { print } from "../print.ts";
import { readSecrets } from "../read-secrets.ts";
import { anything, record, text } from "../shape.ts";
import { changeAt } from "./change-at.ts";
import { readAt, schemaAt, toSegments, toTyped } from "./config-path.ts";

export default command({
  args: {
    path: {
      type: "positional",
      required: true,
      description: "A place such as groups.qwen.tools, or a JSON pointer.",
    },
    value: {
      type: "positional",
      required: true,
      description: "Its value, read as the schema has it; JSON for objects and lists; - for standard input.",
    },
  },
  examples: [
    "ccproxy config set server.port 8080",
    "ccproxy config set groups.qwen.strategy priority",
    "ccproxy config set /providers/openrouter/timeouts '{\"firstEvent\":60000}'",
    "ccproxy config set providers.openrouter.keys env:OPENROUTER_API_KEY,env:OPENROUTER_KEY_2",
  ],
  output: record({ path: text, value: anything }),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const segments = toSegments(args.path, config.current);
      const value = await readValue(args.value, segments, invocation.io);
      await config.update((draft) => changeAt(draft, segments, value));
      const shown = readAt(maskConfig({ ...config.current }), segments.slice(0, -1));
      const last = segments.at(-1) ?? "";
      print(
        args,
        invocation,
        { path: args.path, value: (shown as Record<string, unknown>)[last] ?? null },
        [],
      );
      invocation.io.stderr(`set ${args.path}\n`);
    }),
});

/** Secrets are read as they are everywhere: by reference, or from standard input. */
async function readValue(
  given: string,
  segments: readonly string[],
  io: { readStdin: () => Promise<string> },
): Promise<unknown> {
  const schema = schemaAt(configSchema, segments);
  if (!holdsSecret(segments)) {
    const text = given === "-" ? (await io.readStdin()).trimEnd() : given;
    return toTyped(text, schema);
  }
  const typed = toTyped(given, schema);
  const values = (Array.isArray(typed) ? typed : [given]).map(String);
  const secrets = await readSecrets("value", values, io);
  return Array.isArray(typed) ? secrets : secrets[0];
}

/** A provider's keys, and headers and parameters that are named like secrets. */
function holdsSecret([section, , field, name]: readonly string[]): boolean {
  if (section !== "providers") return false;
  if (field === "keys" || field === "disabledKeys") return true;
  return (field === "headers" || field === "params") && name !== undefined && isSecretName(name);
}
