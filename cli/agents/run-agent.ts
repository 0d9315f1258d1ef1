import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { basename, join } from "node:path";
import spawn, { SubprocessError } from "nano-spawn";
import { createSafeFile } from "../../storage/safe-file.ts";
import { applyFields } from "../fields/apply-fields.ts";
import { loadFormat } from "../fields/load-format.ts";
import type { Io } from "../io.ts";
import type { Launch, LaunchFile, Variables } from "./agent.ts";
import { overlayFolder } from "./overlay-folder.ts";
import { readSettings } from "./settings-text.ts";

/** Makes a folder for the files of one run, and removes it when the run is over. */
export async function withFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "ccproxy-launch-"));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a program in the foreground until it ends; its exit code, 128 and the signal's number if a signal ended it.
 * `withheld`: variables that hold provider keys, which an agent and what it runs have no use for.
 */
export async function runAgent(
  program: string,
  launch: Launch,
  { folder, io, withheld }: { folder: string; io: Io; withheld: readonly string[] },
): Promise<number> {
  const { overlay } = launch;
  const isNeeded = overlay === undefined || (await differs(launch.files));
  const names = launch.files.map(({ name }) => basename(name));
  const shown =
    overlay && isNeeded ? await overlayFolder(overlay.folder, join(folder, overlay.name), names) : undefined;
  if (isNeeded)
    for (const file of launch.files) await createSafeFile(join(folder, file.name)).write(await toText(file));
  const named = shown && overlay ? { [overlay.variable]: folder } : {};
  try {
    const unset = Object.fromEntries(withheld.map((name) => [name, null]));
    return await spawnAgent(program, launch.args, {
      io,
      variables: { ...unset, ...launch.variables, ...named },
    });
  } finally {
    await shown?.giveBack();
  }
}

async function spawnAgent(
  program: string,
  args: string[],
  { io, variables }: { io: Io; variables: Variables },
): Promise<number> {
  const env = Object.fromEntries(
    Object.entries({ ...io.env, ...variables }).map(([name, value]) => [name, value ?? undefined]),
  );
  const running = spawn(program, args, { stdio: "inherit", env });
  const child = await running.nodeChildProcess;
  const stopListening = io.onSignal((signal) => {
    // A terminal sends Ctrl-C to both of us; agents take a second one as the order to end.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  });
  try {
    await running;
    return 0;
  } catch (error) {
    if (!(error instanceof SubprocessError)) throw error;
    const { signalName, exitCode } = error;
    if (signalName !== undefined) return 128 + (constants.signals[signalName as NodeJS.Signals] ?? 0);
    return exitCode ?? 1;
  } finally {
    stopListening();
  }
}

/** Whether any of the files is not as the user has it. */
async function differs(files: readonly LaunchFile[]): Promise<boolean> {
  for (const file of files) {
    const { text, exists } =
      file.base === undefined ? { text: "", exists: false } : await readSettings(file.base);
    if (!exists || (await toText(file)) !== text) return true;
  }
  return false;
}

/** A copy of the user's file, if there is one, with the fields in it. */
export async function toText({ format, fields, base }: LaunchFile): Promise<string> {
  const text = base === undefined ? "" : (await readSettings(base)).text;
  return applyFields(await loadFormat(format), text, fields).text;
}
