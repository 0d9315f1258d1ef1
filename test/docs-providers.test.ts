import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { KNOWN_PROVIDERS } from "../cli/provider/known-providers.ts";

/** The table that docs/providers.md has to have between its marks. */
function writeTable(): string {
  const rows = KNOWN_PROVIDERS.map(({ id, label, protocol, baseUrl, keys, from, note }) => {
    const key = keys.length === 0 ? "none" : keys.map((name) => `\`${name}\``).join(", ");
    const where = note === undefined ? from : `${from}; ${note}`;
    return `| \`${id}\` | ${label} | ${protocol} | \`${baseUrl}\` | ${key} | ${where} |`;
  });
  return ["| name | | protocol | address | key | from |", "|---|---|---|---|---|---|", ...rows].join("\n");
}

it("docs/providers.md lists the well-known providers as they are", () => {
  const page = readFileSync(new URL("../docs/providers.md", import.meta.url), "utf8");
  const found = /<!-- providers: [^>]*-->\n\n?([^]*?)\n\n?<!-- \/providers -->/.exec(page)?.[1] ?? "";
  expect(found).toBe(writeTable());
});
