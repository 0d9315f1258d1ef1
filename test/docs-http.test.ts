import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { adapters } from "../adapters/index.ts";
import { GatewayError, type ErrorKind } from "../adapters/errors.ts";
import { renewPage, toPagePath, toTable } from "./support/docs-page.ts";
import { CODES, KINDS } from "./support/error-words.ts";
import { writeRouteTables } from "./support/route-tables.ts";

/** Written from the sources: `npm run docs` brings them up to date. */
const call = { job: "chat" as const, params: {}, query: new URLSearchParams(), headers: {} };

it("docs/http-routes.md has every route that is served", async () => {
  await expect(renewPage("http-routes.md", writeRouteTables())).toMatchFileSnapshot(
    toPagePath("http-routes.md"),
  );
});

it("docs/errors.md has every kind and code of error", async () => {
  const speaking = adapters.flatMap(({ protocol, client }) => (client ? [{ protocol, client }] : []));
  const kinds = (Object.keys(KINDS) as ErrorKind[]).map((kind) => [
    `\`${kind}\``,
    ...speaking.map(({ client }) => `${client.writeError(new GatewayError(kind, "x"), call).status}`),
    ...KINDS[kind],
  ]);
  const codes = Object.entries(CODES).map(([code, words]) => [`\`${code}\``, ...words]);
  const page = renewPage("errors.md", {
    kinds: toTable(
      ["kind", ...speaking.map(({ protocol }) => protocol), "what it means", "what helps"],
      kinds,
    ),
    codes: toTable(["code", "what it means", "what helps"], codes),
  });
  await expect(page).toMatchFileSnapshot(toPagePath("errors.md"));
});

it("the codes are those that the sources give", () => {
  const sources = ["adapters", "routing", "server"].flatMap((folder) => {
    const root = join(import.meta.dirname, "..", folder);
    return readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(root, name), "utf8"));
  });
  const text = sources.join("\n");
  const given = Array.from(
    text.matchAll(/\bcode: "([a-z]+(?:_[a-z]+)*)"|(?:denied|forbidden)\([^;]*?"([a-z]+_[a-z]+)",?\s*\);/g),
    ([, code, other]) => code ?? other ?? "",
  );
  expect([...new Set(given)].filter((code) => !Object.hasOwn(CODES, code))).toEqual([]);
  expect(Object.keys(CODES).filter((code) => !text.includes(`"${code}"`))).toEqual([]);
});
