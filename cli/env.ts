import { findAddress } from "./address.ts";
import { command } from "./command.ts";
import { findDaemon, reachable } from "./daemon.ts";
import { CliError } from "./exit-code.ts";
import { findName } from "./find-name.ts";
import { findHome, withStorage } from "./home.ts";
import type { Io } from "./io.ts";
import { print } from "./print.ts";
import { readSecrets } from "./read-secrets.ts";
import { orNull, table, text } from "./shape.ts";

export default command({
  args: {
    shell: {
      type: "enum",
      options: ["sh", "fish", "powershell"],
      description: "Whose notation; default sh, on Windows powershell.",
    },
    group: {
      type: "string",
      valueHint: "name",
      description: "The group to use; switch follows the active one.",
    },
    compat: { type: "boolean", description: "Always emulate tool calls." },
    key: {
      type: "string",
      valueHint: "key",
      description: "The client key: env:NAME, file:PATH, or - for standard input.",
    },
  },
  examples: [
    'eval "$(ccproxy env)"',
    "ccproxy env --group qwen --compat --shell fish | source",
    "ccproxy env --key env:MY_CCPROXY_KEY --json",
  ],
  output: table(orNull(text)),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config, resolveKey }) => {
      const { io } = invocation;
      const { groups, keys } = config.current;
      const isOwn = args.group === "switch" || args.group?.toLowerCase() === "default";
      const group = args.group === undefined || isOwn ? args.group : findName("group", args.group, groups);
      const prefix = `${group === undefined ? "" : `/${group}`}${args.compat ? "/compat_mode" : ""}`;
      const origin =
        (await findDaemon(findHome(io, args).pidFile))?.url ?? toUrl(findAddress({}, io, config.current));
      const [given] = args.key === undefined ? [] : await readSecrets("key", [args.key], io);
      const key = given === undefined ? undefined : resolveKey(given);
      if (args.key !== undefined && key === undefined)
        throw new CliError(
          "not-found",
          "--key leads to no key",
          "set the variable or make the file it names",
        );
      if (key === undefined && Object.keys(keys).length > 0)
        io.stderr("client keys exist: give one with --key\n");
      const variables = toVariables(reachable(origin) + prefix, key ?? "ccproxy");
      // Two different keys in one request are refused, and these would come along.
      const clashing = RIVALS.filter((name) => io.env[name]);
      const shell = args.shell ?? defaultShell(io);
      const lines = [
        ...Object.entries(variables).map(([name, value]) => (SET[shell] ?? toSh)(name, value)),
        ...clashing.map((name) => (UNSET[shell] ?? unsetSh)(name)),
      ];
      print(
        args,
        invocation,
        { ...variables, ...Object.fromEntries(clashing.map((name) => [name, null])) },
        lines,
      );
    }),
});

/** Clients want a key to be set even where none is needed; any word does then. */
function toVariables(base: string, key: string): Record<string, string> {
  return {
    ANTHROPIC_BASE_URL: base,
    ANTHROPIC_AUTH_TOKEN: key,
    OPENAI_BASE_URL: `${base}/v1`,
    OPENAI_API_KEY: key,
    GOOGLE_GEMINI_BASE_URL: base,
    GEMINI_API_KEY: key,
    OLLAMA_HOST: base,
  };
}

const toUrl = ({ host, port }: { host: string; port: number }): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

const defaultShell = ({ env }: Io): string =>
  env["SHELL"]?.endsWith("/fish")
    ? "fish"
    : process.platform === "win32" && !env["SHELL"]
      ? "powershell"
      : "sh";

const toSh = (name: string, value: string): string => `export ${name}='${value.replaceAll("'", "'\\''")}'`;
const unsetSh = (name: string): string => `unset ${name}`;

const SET: Record<string, (name: string, value: string) => string> = {
  sh: toSh,
  fish: (name, value) => `set -gx ${name} '${value.replaceAll(/[\\']/g, "\\$&")}'`,
  powershell: (name, value) => `$Env:${name} = '${value.replaceAll("'", "''")}'`,
};

const UNSET: Record<string, (name: string) => string> = {
  sh: unsetSh,
  fish: (name) => `set -e ${name}`,
  powershell: (name) => `Remove-Item Env:${name}`,
};

/** Sent beside the variables above, or instead of them. */
const RIVALS = ["ANTHROPIC_API_KEY", "GOOGLE_API_KEY"];
