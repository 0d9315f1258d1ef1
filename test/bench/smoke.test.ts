import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, it } from "vitest";

it(
  "every answer of the built daemon is right, under load too: npm run bench -- --smoke",
  { timeout: 60_000 },
  () => {
    expect(existsSync("dist/cli.js"), "npm run build comes first").toBe(true);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["bench/run.mjs", "--smoke"], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^\d{3} answers checked, \d{3} more under load: all correct\n$/);
  },
);
