import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { writeCliPage, writeCliSchema } from "./support/write-cli-page.ts";

/** Made of the commands: `npx vitest run test/docs-cli.test.ts -u` writes them anew. */
const docs = (name: string): string => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));

it("docs/cli.md is what the commands say", async () => {
  await expect(await writeCliPage()).toMatchFileSnapshot(docs("cli.md"));
});

it("docs/cli.schema.json is what the commands print with --json", async () => {
  await expect(await writeCliSchema()).toMatchFileSnapshot(docs("cli.schema.json"));
});
