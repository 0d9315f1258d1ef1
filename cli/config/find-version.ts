import { listKept, type KeptConfig } from "../../storage/config-history.ts";
import { CliError } from "../exit-code.ts";

/** A kept version by its number, 1 for the last one, or by its name; undefined: none was asked for, and there is none. */
export async function findVersion(
  configFile: string,
  asked: string | undefined,
): Promise<KeptConfig | undefined> {
  const kept = await listKept(configFile);
  const found = kept.find(({ version }) => version === asked) ?? kept[Number(asked ?? 1) - 1];
  if (found || asked === undefined) return found;
  throw new CliError(
    "not-found",
    `there is no kept version "${asked}"`,
    kept.length === 0
      ? "none is kept yet: each change keeps one"
      : `'ccproxy config diff --list' shows the ${kept.length} there are`,
  );
}
