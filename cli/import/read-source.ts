import { CliError } from "../exit-code.ts";
import { parseEnv } from "./from-env.ts";
import { isTable } from "./source.ts";

export const FORMATS = ["ccr", "litellm", "go", "env"] as const;
export type Format = (typeof FORMATS)[number];

/** What a file is, by what is in it, and its content. Comments and trailing commas in JSON do no harm. */
export async function readSource(
  text: string,
  { file, format }: { file: string; format?: Format },
): Promise<{ format: Format; root: unknown }> {
  const clean = text.replace(/^\uFEFF/, "");
  if (format === "env") return { format, root: parseEnv(clean) };
  const root = /^\s*(?:\/[/*][^]*)?\{/.test(clean) ? await parseJson(clean, file) : await parseYaml(clean);
  if (format !== undefined) {
    if (isTable(root)) return { format, root };
    throw new CliError(
      "bad-file",
      `${file} holds no settings of ${format}`,
      "check the file, or leave the format out",
    );
  }
  const found = isTable(root) ? detect(root) : undefined;
  if (found) return { format: found, root };
  const variables = parseEnv(clean);
  if (!/^\s*\{/.test(clean) && Object.keys(variables).length > 0) return { format: "env", root: variables };
  throw new CliError(
    "bad-file",
    `${file} looks like nothing that can be imported`,
    `name the format: ${FORMATS.join(", ")}`,
  );
}

function detect(root: Record<string, unknown>): Format | undefined {
  if (Array.isArray(root.model_list)) return "litellm";
  if (Array.isArray(root.Providers) || isTable(root.Router)) return "ccr";
  return Array.isArray(root.providers) && (isTable(root.routes) || "performance" in root || "apikey" in root)
    ? "go"
    : undefined;
}

async function parseJson(text: string, file: string): Promise<unknown> {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const { jsonrepair } = await import("jsonrepair");
    try {
      return JSON.parse(jsonrepair(text)) as unknown;
    } catch (error) {
      throw new CliError("bad-file", `${file} is no JSON: ${(error as Error).message}`, "mend it first");
    }
  }
}

async function parseYaml(text: string): Promise<unknown> {
  const { parse } = await import("yaml");
  try {
    return parse(text, { maxAliasCount: 100 }) as unknown;
  } catch {
    return undefined;
  }
}
