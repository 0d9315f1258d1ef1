import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configSchema } from "../storage/config.schema.ts";
import type { Schema } from "../storage/schema/schema.ts";
import { readConfig } from "../storage/read-config.ts";

/**
 * The documentation names every field of the configuration and no other: a row of a table below the heading of its
 * place, fields in its first cell. Examples are read as the daemon reads them.
 */
const read = (name: string): string => readFileSync(new URL(`../docs/${name}`, import.meta.url), "utf8");
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const page = read("configuration.md");

interface Field {
  path: string;
  schema: Schema;
}

/** Names chosen by the user are left out of a path: `providers.limits.concurrent`. */
function listFields(schema: Schema, path: string): Field[] {
  const below = [schema.items, schema.additionalProperties, ...(schema.anyOf ?? [])];
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
      const place = path === "" ? name : `${path}.${name}`;
      return [{ path: place, schema: inner }, ...listFields(inner, place)];
    }),
    ...below.flatMap((inner) => (inner ? listFields(inner, path) : [])),
  ];
}

/** What is the same in several places has one heading. */
const SHARED: [place: string, heading: string][] = [
  ["groups.models.targets", "groups.models"],
  ["groups.models.compat", "compat"],
  ["groups.compat", "compat"],
  ["providers.limits", "limits"],
  ["keys.limits", "limits"],
  ["groups.rules.when.tokens", "comparisons"],
  ["groups.rules.when.body", "comparisons"],
];

function toDocumented(path: string): string {
  for (const [place, heading] of SHARED) {
    if (path.startsWith(`${place}.`)) return toDocumented(heading + path.slice(place.length));
  }
  return path;
}

/** Field, with its place in front → its row. */
function listRows(): Map<string, string> {
  const rows = new Map<string, string>();
  for (const section of page.split(/^#{2,3} /m).slice(1)) {
    const heading = section.slice(0, section.indexOf("\n"));
    if (!PLACES.has(heading)) continue;
    for (const row of section.split("\n").filter((line) => line.startsWith("| `"))) {
      const [, first = ""] = row.split("|");
      for (const [, name = ""] of first.matchAll(/`([^`]+)`/g)) {
        rows.set(heading === TOP ? name : `${heading}.${name}`, row);
      }
    }
  }
  return rows;
}

const TOP = "The whole file";
const PLACES = new Set(
  "server providers limits groups groups.models groups.rules groups.rules.when comparisons compat keys"
    .split(" ")
    .concat(TOP),
);
const fields = listFields(configSchema, "");
const rows = listRows();

describe("docs/configuration.md", () => {
  it.each([...new Set(fields.map(({ path }) => path))])("names %s", (path) => {
    expect([...rows.keys()]).toContain(toDocumented(path));
  });

  it("names no field that there is not", () => {
    const known = new Set(fields.map(({ path }) => toDocumented(path)));
    expect([...rows.keys()].filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(fields.filter(({ schema }) => schema.default !== undefined))(
    "tells the default of $path",
    (field) => {
      const { path, schema } = field;
      expect(rows.get(toDocumented(path))).toContain(`\`${String(schema.default)}\``);
    },
  );

  it.each(fields.filter(({ schema }) => schema.enum))("lists what $path may be", ({ path, schema }) => {
    const text = `${rows.get(toDocumented(path))}${path.endsWith("dialect") ? read("compat.md") : ""}`;
    for (const value of schema.enum ?? []) expect(text).toContain(`\`${String(value)}\``);
  });
});

const listExamples = (name: string, document: string) =>
  [...document.matchAll(/^```json\n([^]*?)\n```$/gm)].map(([, text = ""], index) => ({
    name: `${name} #${index + 1}`,
    text,
  }));

const EXAMPLES = [
  ...["configuration.md", "routing.md"].flatMap((name) => listExamples(name, read(name))),
  // Others there are for clients.
  ...listExamples("README.md", readme).filter(({ text }) => text.includes('"groups"')),
];

describe("examples", () => {
  it("there are some", () => {
    expect(EXAMPLES.length).toBeGreaterThan(5);
    expect(EXAMPLES.some(({ name }) => name.startsWith("README"))).toBe(true);
  });

  it.each(EXAMPLES)("$name", async ({ text }) => {
    const example = JSON.parse(text) as object;
    const { problems, warnings } = await readConfig(JSON.stringify({ providers: PROVIDERS, ...example }));
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
  });
});

/** Most examples leave the providers out. */
const PROVIDERS = {
  anthropic: { protocol: "claude", baseUrl: "https://api.anthropic.com" },
  openrouter: { protocol: "openai", baseUrl: "https://openrouter.ai/api/v1" },
  google: { protocol: "gemini", baseUrl: "https://generativelanguage.googleapis.com" },
  lan: { protocol: "ollama", baseUrl: "http://192.168.1.9:11434" },
};
