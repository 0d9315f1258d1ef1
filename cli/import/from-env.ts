import { KNOWN_PROVIDERS } from "../provider/known-providers.ts";
import { addProvider, createImported, type Imported } from "./imported.ts";
import { isTable, type Source } from "./source.ts";

/** The variables of a `.env` file that are providers' keys. `env`: what is set already needs no copy. */
export function fromEnv(source: Source, env: Record<string, string | undefined>): Imported {
  const imported = createImported();
  const root = isTable(source.root) ? source.root : {};
  for (const { id, protocol, baseUrl, keys, settings } of KNOWN_PROVIDERS) {
    for (const name of keys) {
      const value = root[name];
      if (typeof value !== "string" || value === "") continue;
      const address = root[`${name.replace(/_(?:API_)?KEY$|_TOKEN$/, "")}_BASE_URL`];
      const isOwn = typeof address === "string" && URL.canParse(address);
      const added = addProvider(imported, {
        id,
        protocol,
        baseUrl: isOwn ? address : baseUrl,
        key: env[name] === value ? `env:${name}` : value,
      });
      if (settings && imported.providers[added]) Object.assign(imported.providers[added], settings);
      source.mapped([name], `key of provider ${added}`);
      if (isOwn)
        source.mapped([`${name.replace(/_(?:API_)?KEY$|_TOKEN$/, "")}_BASE_URL`], `baseUrl of ${added}`);
    }
  }
  const [only, ...others] = Object.keys(imported.providers);
  // With one provider, every model is one of its own.
  if (only !== undefined && others.length === 0) imported.models["*"] = `${only}/*`;
  return imported;
}

/** `NAME=value` lines, as shells and dotenv read them. */
export function parseEnv(text: string): Record<string, string> {
  const lines = text.matchAll(
    /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\r\n#]*))/gm,
  );
  return Object.fromEntries(
    [...lines].map(([, name = "", double, single, plain = ""]) => [
      name,
      double?.replaceAll(/\\(["\\$])/g, "$1") ?? single ?? plain.trim(),
    ]),
  );
}
