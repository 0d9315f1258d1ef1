import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "../../cli/io.ts";
import { run } from "../../cli/run.ts";
import { checkOutput } from "./check-output.ts";

export interface Result {
  code: number;
  out: string;
  err: string;
}

export interface TestCli {
  home: string;
  /** What the environment holds; may be changed between runs. */
  env: Record<string, string | undefined>;
  stdin: string;
  io: Io;
  run: (...argv: string[]) => Promise<Result>;
  /** The data of a command that succeeds, as JSON. */
  json: <T = Record<string, unknown>>(...argv: string[]) => Promise<T>;
  remove: () => void;
}

/** The command line in this process, with a home folder of its own. */
export function createTestCli(overrides: Partial<Io> = {}): TestCli {
  const root = mkdtempSync(join(tmpdir(), "ccproxy-cli-"));
  let [out, err] = ["", ""];
  const cli: TestCli = {
    home: join(root, "home"),
    env: { HOME: root, PATH: process.env["PATH"], CCPROXY_HOME: join(root, "home") },
    stdin: "",
    io: {
      stdout: (text) => (out += text),
      stderr: (text) => (err += text),
      get env() {
        return cli.env;
      },
      readStdin: async () => cli.stdin,
      program: [process.execPath, join(import.meta.dirname, "fake-daemon.mjs")],
      startServer: async () => {
        throw new Error("no server in this test");
      },
      onSignal: () => () => undefined,
      exit: () => undefined,
      ...overrides,
    } as Io,
    async run(...argv) {
      [out, err] = ["", ""];
      const code = await run(argv, cli.io);
      if (code === 0 && argv.includes("--json")) await checkOutput(argv, out);
      return { code, out, err };
    },
    async json<T>(...argv: string[]) {
      const { code, out: data, err: talk } = await cli.run(...argv, "--json");
      if (code !== 0) throw new Error(`exit ${code}: ${talk}`);
      return JSON.parse(data) as T;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  return cli;
}
