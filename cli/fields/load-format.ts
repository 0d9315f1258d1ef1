import type { Format } from "./format.ts";

export type FormatName = "json" | "toml" | "yaml" | "dotenv";

/** Each with the parser it needs, which nothing else of the program loads. */
export async function loadFormat(name: FormatName): Promise<Format> {
  switch (name) {
    case "json":
      return (await import("./json.ts")).json;
    case "toml":
      return (await import("./toml.ts")).toml;
    case "yaml":
      return (await import("./yaml.ts")).yaml;
    case "dotenv":
      return (await import("./dotenv.ts")).dotenv;
  }
}
