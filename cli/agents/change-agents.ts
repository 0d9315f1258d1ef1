import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CommonArgs, Invocation } from "../command.ts";
import { CliError, EXIT, toCliError } from "../exit-code.ts";
import { FieldProblem, toName } from "../fields/format.ts";
import { print } from "../print.ts";
import type { Agent, Place } from "./agent.ts";
import { agents, findAgent } from "./agents.ts";
import { findProgram } from "./find-program.ts";
import type { Change } from "./plan-setup.ts";
import { createRecordStore, type RecordStore } from "./record.ts";
import { showDiff } from "./show-diff.ts";
import { isChange, missingFolders, writeChange } from "./write-change.ts";

export interface ChangeOptions {
  args: CommonArgs & { "dry-run"?: boolean };
  invocation: Invocation;
  place: Place;
  isRestore?: boolean;
  /** undefined: nothing was set. */
  plan: (agent: Agent) => Promise<Change[] | undefined>;
}

/** The agents that words name, or all that are of use here. */
export function pickAgents(
  words: readonly string[],
  { all, place }: { all: boolean; place: Place },
): Agent[] {
  if (words.length > 0) return words.map(findAgent);
  if (!all) throw noneNamed();
  return agents.filter(
    (agent) =>
      agent.settings &&
      (agent.command === undefined ? false : findProgram(agent.command, place.env) !== undefined),
  );
}

/** The agents that words name, or all that were set up. */
export async function pickRecorded(
  words: readonly string[],
  { all, records }: { all: boolean; records: RecordStore },
): Promise<Agent[]> {
  if (words.length > 0) return words.map(findAgent);
  if (!all) throw noneNamed();
  const known = await Promise.all(
    agents.map(async (agent) => ((await records.read(agent.id)) ? [agent] : [])),
  );
  return known.flat();
}

const noneNamed = (): CliError =>
  new CliError(
    "missing-argument",
    "no agent is named",
    `name one or several of ${agents.map(({ id }) => id).join(", ")}, or give --all`,
  );

/** Plans, shows and writes what becomes of each agent's settings; what fails with one does not keep the others from it. */
export async function changeAgents(picked: readonly Agent[], options: ChangeOptions): Promise<number> {
  const { args, invocation } = options;
  const { io } = invocation;
  const shown: Shown[] = [];
  let failed: CliError | undefined;
  if (picked.length === 0) io.stderr(options.isRestore ? "nothing was set up\n" : "no agent is installed\n");
  for (const agent of picked) {
    try {
      shown.push(await changeOne(agent, options));
    } catch (error) {
      const problem = error instanceof FieldProblem ? toProblem(agent, error) : toCliError(error);
      if (picked.length === 1) throw problem;
      failed = problem;
      shown.push({ agent: agent.id, changed: false, files: [], left: [], skipped: problem.message });
      io.stderr(`${agent.name}: ${problem.message}; ${problem.next}\n`);
    }
  }
  const diffs = shown.flatMap(({ diff }) => (diff === undefined || diff === "" ? [] : [diff.trimEnd()]));
  print(args, invocation, shown, diffs);
  return failed ? failed.exitCode : EXIT.ok;
}

const toProblem = ({ id }: Agent, { message }: FieldProblem): CliError =>
  new CliError("bad-file", message, `mend the file, or set the fields by hand as docs/agents/${id}.md shows`);

interface Shown {
  agent: string;
  changed: boolean;
  files: { path: string; set: string[]; back: string[] }[];
  left: string[];
  skipped?: string;
  diff?: string;
}

async function changeOne(agent: Agent, options: ChangeOptions): Promise<Shown> {
  const { args, invocation, place, isRestore = false, plan } = options;
  const { io } = invocation;
  if (!isRestore && !agent.settings)
    throw new CliError(
      "not-possible",
      `${agent.name} reads where to go from its environment alone`,
      `'ccproxy launch ${agent.id}' runs it, 'ccproxy env ${agent.id}' prints the variables`,
    );
  const changes = await plan(agent);
  if (!changes) {
    io.stderr(`${agent.name}: nothing was set up\n`);
    return { agent: agent.id, changed: false, files: [], left: [] };
  }
  const real = changes.filter(isChange);
  const isDry = args["dry-run"] === true;
  if (!isDry) await write(agent, changes, { place, isRestore });
  const left = changes.flatMap((change) => change.left.map((path) => `${toName(path)} in ${change.path}`));
  for (const { path, set, back, text } of real) {
    const names = [...set, ...back].map(toName).join(", ");
    const verb = isDry ? "would change" : text === undefined ? "removed" : "changed";
    io.stderr(`${agent.name}: ${verb} ${path}${names === "" ? "" : `: ${names}`}\n`);
  }
  if (real.length === 0) io.stderr(`${agent.name}: nothing to change\n`);
  for (const name of left)
    io.stderr(`${agent.name}: left as it is, since it was changed after setup: ${name}\n`);
  if (!isRestore && !isDry)
    io.stderr(`${agent.name}: ${agent.next}; 'ccproxy restore ${agent.id}' takes it back\n`);
  return {
    agent: agent.id,
    changed: real.length > 0 && !isDry,
    files: real.map(({ path, set, back }) => ({ path, set: set.map(toName), back: back.map(toName) })),
    left,
    ...(isDry && { diff: real.map(showDiff).join("\n") }),
  };
}

/** What is to be taken back later is written down before it is set: after a crash, it can be. */
async function write(
  agent: Agent,
  changes: readonly Change[],
  { place, isRestore }: { place: Place; isRestore: boolean },
): Promise<void> {
  const records = createRecordStore(place.own);
  const backups = join(place.own, "backups", agent.id);
  const before = (await records.read(agent.id))?.files ?? [];
  const files = changes.map(({ path, record }) => ({
    ...record,
    folders: existsSync(path) || record.folders.length > 0 ? record.folders : missingFolders(path),
  }));
  const others = before.filter(({ path }) => !files.some((file) => file.path === path));
  if (!isRestore) await records.write(agent.id, { files: [...others, ...files] });
  for (const change of changes) await writeChange(change, { backups, now: Date.now() });
  if (isRestore) await records.write(agent.id, { files: [] });
}
