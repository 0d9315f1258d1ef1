import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, startModels, stopModels, type Item, type Shown } from "./support/golden-ollama-models.ts";

/** What each client reads of lists and descriptions, and breaks without. */

beforeAll(startModels);
afterAll(stopModels);

describe("what clients read", () => {
  it.each(["default", "everything"])("of group %s", async (group) => {
    const { models } = JSON.parse((await ask("GET", `/${group}/api/tags`)).text) as { models: Item[] };
    expect(models.length).toBeGreaterThan(0);
    for (const item of models) {
      for (const key of ["model", "name"]) {
        const { status, text } = await ask("POST", `/${group}/api/show`, { [key]: item.model });
        expect([status, item.name]).toEqual([200, item.name]);
        const shown = JSON.parse(text) as Shown;
        const blind = READERS.filter(([, reads]) => !reads(item, shown)).map(([client]) => client);
        expect([item.name, blind]).toEqual([item.name, []]);
      }
    }
  });

  it("the version, as numbers between dots", async () => {
    const { version } = JSON.parse((await ask("GET", "/api/version")).text) as { version: string };
    const [major = 0, minor = 0] = version.split(".").map((part) => Number.parseInt(part, 10));
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(major > 0 || minor >= 18).toBe(true);
  });
});

const isText = (value: unknown): boolean => typeof value === "string";
const isFilled = (value: unknown): boolean => typeof value === "string" && value !== "";
const isMoment = (value: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(value) &&
  !Number.isNaN(Date.parse(value));

const READERS: [client: string, reads: (item: Item, shown: Shown) => boolean][] = [
  [
    "ollama list slices digests and parses times",
    ({ digest, modified_at, size }) =>
      digest.slice(0, 12).length === 12 && isMoment(modified_at) && Number.isInteger(size),
  ],
  [
    "ollama run decides by capabilities",
    (_item, { capabilities }) => capabilities.includes("completion") || capabilities.includes("embedding"),
  ],
  [
    "ollama show reads a number of context",
    (_item, { model_info }) =>
      Object.entries(model_info).every(
        ([key, value]) => !key.endsWith("context_length") || typeof value === "number",
      ),
  ],
  [
    "ollama launch hides what has no capabilities",
    ({ capabilities }) => Array.isArray(capabilities) && capabilities.length > 0,
  ],
  [
    "Copilot looks for the context under the architecture",
    (_item, { model_info, capabilities }) => {
      const keys = Object.keys(model_info).filter((key) => key.endsWith(".context_length"));
      return (
        Array.isArray(capabilities) &&
        isFilled(model_info["general.basename"]) &&
        keys.every((key) => key === `${String(model_info["general.architecture"])}.context_length`)
      );
    },
  ],
  [
    "Zed deserialises strictly",
    ({ name, modified_at, size, digest, details: { format, family, parameter_size, quantization_level } }) =>
      [name, modified_at, digest, format, family, parameter_size, quantization_level].every(isText) &&
      size >= 0,
  ],
  [
    "Open WebUI wants both names",
    ({ name, model }) => isFilled(name) && name === model && name.includes(":"),
  ],
  [
    "Continue reads num_ctx from the text",
    (_item, { parameters, model_info }) =>
      isText(parameters) &&
      /num_ctx +\d+/.test(parameters) ===
        Object.keys(model_info).some((key) => key.endsWith("context_length")),
  ],
  [
    "Continue completes only with a suffix in the template",
    (_item, { template, capabilities }) =>
      isText(template) && template.includes(".Suffix") === capabilities.includes("insert"),
  ],
  [
    "Roo Code validates details and model_info",
    ({ details }, shown) =>
      [details, shown.details].every(
        ({ family, parameter_size, families }) =>
          isText(family) && isText(parameter_size) && Array.isArray(families),
      ) && typeof shown.model_info === "object",
  ],
  [
    "Roo Code hides what has no tools",
    (_item, { capabilities }) => capabilities.includes("embedding") || capabilities.includes("tools"),
  ],
  [
    "Home Assistant and Python parse ISO dates",
    ({ modified_at }, shown) => isMoment(modified_at) && isMoment(shown.modified_at),
  ],
  [
    "ollama-python needs model_info",
    (_item, { model_info }) => typeof model_info === "object" && model_info !== null,
  ],
  [
    "OllamaKit needs four texts",
    (_item, { license, template, modelfile, parameters }) =>
      [license, template, modelfile, parameters].every(isText),
  ],
  [
    "Raycast reads parameters by line",
    (_item, { parameters }) => parameters.split("\n").every((line) => line === "" || /^\w+ +\S/.test(line)),
  ],
  [
    "Langflow filters by capability",
    ({ capabilities }, shown) => JSON.stringify(capabilities) === JSON.stringify(shown.capabilities),
  ],
  [
    "docker model-runner's clients skip empty details",
    ({ details }) =>
      ["family", "format", "parameter_size", "quantization_level"].every((key) => isFilled(details[key])),
  ],
  ["exo's clients break on null", (item, shown) => !JSON.stringify([item, shown]).includes("null")],
];
