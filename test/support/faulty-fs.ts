import type * as fs from "node:fs";
import type * as promises from "node:fs/promises";

/** How the call fails: before it does anything, after half of it, once it is done, or every time it is made again. */
export type FaultManner = "before" | "half" | "after" | "ever";

/** A file system that fails at one call, for `vi.mock`. What the test itself does goes uncounted while not armed. */
export interface Faults {
  armed: boolean;
  /** The call that fails, from 0. */
  at: number;
  code: string;
  manner: FaultManner;
  /** Every call so far: its name and the last part of its path. */
  calls: string[];
  /** Whether the call was reached. */
  hit: boolean;
}

/** One for all, since `vi.mock` cannot be handed anything. */
export const faults: Faults = {
  armed: false,
  at: Infinity,
  code: "EIO",
  manner: "before",
  calls: [],
  hit: false,
};

export function arm(at: number, code = "EIO", manner: FaultManner = "before"): void {
  Object.assign(faults, { armed: true, at, code, manner, calls: [], hit: false });
}

let closeSync: typeof fs.closeSync;

type Call = (...args: never[]) => unknown;

/** `node:fs/promises` with the fault in it. */
export function withFaults(real: typeof promises): typeof promises {
  const wrapped: Record<string, unknown> = { ...real };
  for (const name of ASYNC) {
    const call = real[name] as unknown as Call;
    wrapped[name] = async (...args: never[]) => {
      const result = await perform(`${name} ${toName(args[0])}`, () => call(...args));
      return name === "open" ? wrapHandle(result as promises.FileHandle, toName(args[0])) : result;
    };
  }
  return { ...wrapped, default: wrapped } as unknown as typeof promises;
}

/** `node:fs` with the fault in it. */
export function withSyncFaults(real: typeof fs): typeof fs {
  closeSync = real.closeSync;
  const wrapped: Record<string, unknown> = { ...real };
  for (const name of SYNC) {
    const call = real[name] as unknown as Call;
    wrapped[name] = (...args: never[]) =>
      performSync(`${name} ${toName(args[0])}`, {
        whole: () => call(...args),
        half: () => name === "writeFileSync" && real.writeSync(args[0] as unknown as number, "ha"),
      });
  }
  const { realpathSync } = wrapped;
  wrapped["realpathSync"] = Object.assign(realpathSync as Call, { native: realpathSync });
  return { ...wrapped, default: wrapped } as unknown as typeof fs;
}

function wrapHandle(handle: promises.FileHandle, name: string): promises.FileHandle {
  return new Proxy(handle, {
    get(target, property) {
      const member = Reflect.get(target, property) as unknown;
      if (typeof member !== "function") return member;
      const call = member.bind(target) as (...args: unknown[]) => unknown;
      if (!HANDLE.has(String(property))) return call;
      return (...args: unknown[]) =>
        perform(
          `${String(property)} ${name}`,
          () => call(...args),
          () => target.write(Buffer.from(String(args[0])).subarray(0, 20)),
        );
    },
  });
}

async function perform(call: string, whole: () => unknown, half?: () => unknown): Promise<unknown> {
  if (!isDue(call)) return whole();
  // A file that is not closed would leak; that closing failed is told all the same.
  if (faults.manner === "after" || call.startsWith("close")) {
    const result = await whole();
    if (call.startsWith("open ")) await (result as promises.FileHandle).close();
  } else if (faults.manner === "half" && call.startsWith("writeFile")) await half?.();
  throw toError(call);
}

function performSync(call: string, { whole, half }: { whole: () => unknown; half: () => unknown }): unknown {
  if (!isDue(call)) return whole();
  if (faults.manner === "after" || call.startsWith("close")) {
    const result = whole();
    if (call.startsWith("openSync ")) closeSync(result as number);
  } else if (faults.manner === "half") half();
  throw toError(call);
}

function isDue(call: string): boolean {
  // What the system tells of processes is no file of ours.
  if (!faults.armed || call.includes("/proc/")) return false;
  faults.calls.push(call);
  const isThis = faults.calls.length - 1 === faults.at;
  if (isThis) faults.hit = true;
  return isThis || (faults.manner === "ever" && faults.hit && call === faults.calls[faults.at]);
}

const toError = (call: string): Error =>
  Object.assign(new Error(`${faults.code}: injected at ${call}`), { code: faults.code });

const toName = (path: unknown): string =>
  typeof path !== "string"
    ? "(handle)"
    : path.startsWith("/proc/")
      ? path
      : path.replace(/^.*\//, "").replace(/[0-9a-f]{16}/, "#");

const ASYNC = [
  "open",
  "rename",
  "stat",
  "lstat",
  "unlink",
  "readFile",
  "readdir",
  "mkdir",
  "chmod",
  "realpath",
  "readlink",
] as const;
const SYNC = [
  "openSync",
  "fchmodSync",
  "writeFileSync",
  "fsyncSync",
  "closeSync",
  "linkSync",
  "unlinkSync",
  "mkdirSync",
  "chmodSync",
  "readFileSync",
  "readdirSync",
  "realpathSync",
  "readlinkSync",
  "statSync",
  "lstatSync",
] as const;
const HANDLE = new Set(["writeFile", "readFile", "sync", "chmod", "close", "stat"]);
