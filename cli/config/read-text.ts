import { readFile } from "node:fs/promises";
import { CliError } from "../exit-code.ts";

/** The text of a file; null where there is none. */
export async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** A configuration's text as it may be shown, in one way of writing. Throws for what is no JSON. */
export async function toShownText(text: string | null, name: string): Promise<string> {
  if (text === null || text.trim() === "") return "";
  const { maskConfig } = await import("../mask-config.ts");
  try {
    const raw = JSON.parse(text.replace(/^\uFEFF/, "")) as Record<string, unknown>;
    return `${JSON.stringify(maskConfig(raw), undefined, 2)}\n`;
  } catch {
    throw new CliError("config-refused", `${name} is no JSON`, "'ccproxy config validate' says where");
  }
}
