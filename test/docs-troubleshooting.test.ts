import { expect, it } from "vitest";
import { CHECKS } from "../cli/doctor/checks/index.ts";
import { readPage, renewPage, toPagePath } from "./support/docs-page.ts";

it("docs/troubleshooting.md has a place for every check of the doctor", async () => {
  const checks = CHECKS.map(({ id, title, fix }) => `### ${id}\n\n${title}.\n\nWhat helps: ${fix}.`);
  await expect(renewPage("troubleshooting.md", { checks: checks.join("\n\n") })).toMatchFileSnapshot(
    toPagePath("troubleshooting.md"),
  );
  expect(checks.length).toBeGreaterThanOrEqual(20);
});

it("names no check that there is not", () => {
  const ids = new Set(CHECKS.map(({ id }) => id));
  const named = Array.from(
    readPage("troubleshooting.md").matchAll(/\[([a-z-]+)\]\(#\1\)/g),
    ([, id = ""]) => id,
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
});
