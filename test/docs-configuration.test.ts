import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { configSchema } from "../storage/config.schema.ts";
import { readConfig } from "../storage/read-config.ts";
import { readPage, renewPage, toPagePath } from "./support/docs-page.ts";
import { fields, writeFieldTables } from "./support/field-tables.ts";

/** Written from the schema: `npm run docs` brings them up to date. Examples are read as the daemon reads them. */
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const schemaFile = fileURLToPath(new URL("../config.schema.json", import.meta.url));

it("docs/configuration.md has every field, with what the schema says of it", async () => {
  await expect(renewPage("configuration.md", writeFieldTables())).toMatchFileSnapshot(
    toPagePath("configuration.md"),
  );
});

it("config.schema.json is the schema", async () => {
  await expect(`${JSON.stringify(configSchema, undefined, 2)}\n`).toMatchFileSnapshot(schemaFile);
});

describe("the schema", () => {
  it.each(fields.map((field) => [field.path, field] as const))("tells what %s is", (_path, { schema }) => {
    expect(schema.description).toMatch(/^\S.{3,}[.)]$/s);
    const { properties, additionalProperties, items, anyOf } = schema;
    const kinds = [
      schema.enum,
      items?.enum,
      items?.anyOf,
      anyOf,
      properties,
      additionalProperties?.properties,
    ];
    // What its kind says, or fields of its own, needs no example; nor does a hash, which nobody writes by hand.
    const isPlain =
      schema.type === "boolean" || kinds.some(Boolean) || schema.description?.startsWith("HMAC");
    if (!isPlain)
      expect([schema.default, ...(schema.examples ?? [])].filter((value) => value !== undefined)).not.toEqual(
        [],
      );
  });

  it("has examples and defaults that it takes itself", async () => {
    for (const { path, schema } of fields) {
      for (const example of schema.examples ?? []) {
        if (schema.enum) expect(schema.enum, path).toContain(example);
        if (schema.type === "array") expect(Array.isArray(example), path).toBe(true);
        if (schema.type === "string") expect(typeof example, path).toBe("string");
        if (schema.type === "integer") expect(Number.isInteger(example), path).toBe(true);
      }
      if (schema.default !== undefined && schema.enum) expect(schema.enum, path).toContain(schema.default);
    }
  });
});

const listExamples = (name: string, document: string) =>
  [...document.matchAll(/^```json\n([^]*?)\n```$/gm)].map(([, text = ""], index) => ({
    name: `${name} #${index + 1}`,
    text,
  }));

const EXAMPLES = [
  ...["configuration.md", "routing.md", "groups.md", "keys.md"].flatMap((name) =>
    listExamples(name, readPage(name)),
  ),
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
