import { commandLine } from "../shell.ts";
import type { CommonArgs, Invocation } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { listKeyNames } from "../daemon-env.ts";
import { withStorage } from "../home.ts";
import { print } from "../print.ts";
import type { Agent, Connection, Launch, Place } from "./agent.ts";
import { connect, type Asked } from "./connect.ts";
import { findPlace } from "./find-place.ts";
import { findProgram } from "./find-program.ts";
import { createRecordStore } from "./record.ts";
import { runAgent, toText, withFolder } from "./run-agent.ts";

/** Runs an agent through the daemon: that one process alone is told, nothing of the user's is changed. */
export async function launchAgent(
  agent: Agent,
  words: readonly string[],
  { args, invocation }: { args: Asked & CommonArgs & { "dry-run"?: boolean }; invocation: Invocation },
): Promise<number> {
  const { io } = invocation;
  const place = findPlace(io);
  if (agent.command === undefined)
    throw new CliError(
      "not-possible",
      `${agent.name} runs inside another program and cannot be launched`,
      `'ccproxy setup ${agent.id}' points it at the daemon`,
    );
  const isDry = args["dry-run"] === true;
  const program = findProgram(agent.command, io.env);
  if (program === undefined && !isDry)
    throw new CliError(
      "not-installed",
      `${agent.name} is not installed: there is no '${agent.command}' on the PATH`,
      agent.install,
    );
  if (agent.needsSetup && !isDry && !(await createRecordStore(place.own).read(agent.id)))
    throw new CliError(
      "not-possible",
      `${agent.name} reads where to go from its own settings alone`,
      `'ccproxy setup ${agent.id}' writes them`,
    );
  const connection = await connect(args, invocation, { agent, start: !isDry, mayMake: !isDry });
  if (isDry) {
    const launch = toLaunch(agent, words, { connection, place, folder: "<folder>" });
    await show(args, invocation, { launch, command: agent.command, key: connection.key });
    return 0;
  }
  const withheld = await withStorage(args, invocation, async ({ config }) => listKeyNames(config.current));
  return withFolder((folder) =>
    runAgent(program ?? agent.command ?? "", toLaunch(agent, words, { connection, place, folder }), {
      folder,
      io,
      withheld,
    }),
  );
}

/** The whole command line, environment and files of one run. */
export function toLaunch(
  agent: Agent,
  words: readonly string[],
  { connection, place, folder }: { connection: Connection; place: Place; folder: string },
): Launch {
  const launch = agent.launch?.(connection, { place, folder, args: words }) ?? {
    args: [],
    variables: agent.variables?.(connection) ?? {},
    files: [],
  };
  return { ...launch, args: [...launch.args, ...words] };
}

async function show(
  args: CommonArgs,
  invocation: Invocation,
  { launch, command, key }: { launch: Launch; command: string; key: string },
): Promise<void> {
  const mask = (text: string): string => (key.length < 16 ? text : text.replaceAll(key, "****"));
  const variables = Object.fromEntries(
    Object.entries(launch.variables).map(([name, value]) => [name, value === null ? null : mask(value)]),
  );
  const files: Record<string, string> = {};
  for (const file of launch.files) files[file.name] = mask(await toText(file));
  const lines = [
    ...Object.entries(variables).map(([name, value]) =>
      value === null ? `unset ${name}` : `${name}=${value}`,
    ),
    commandLine([command, ...launch.args]),
    ...Object.entries(files).flatMap(([name, text]) => ["", `<folder>/${name}:`, text.trimEnd()]),
  ];
  print(args, invocation, { command, args: launch.args, env: variables, files }, lines);
}
