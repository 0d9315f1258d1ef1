import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { createSafeFile } from "../../storage/safe-file.ts";
import type { GroupConfig, ProviderConfig, Storage } from "../../storage/types.ts";

export interface Setup {
  providers: Record<string, ProviderConfig>;
  /** Keys that were pasted, by provider: each goes to a file of its own, which the configuration names. */
  secrets: Record<string, string>;
  aliases: GroupConfig["models"];
  /** Absent: as configured. */
  port?: number;
}

/** Writes all of it, or nothing. Aliases that exist stay as they are. */
export async function saveSetup(
  storage: Storage,
  { providers, secrets, aliases, port }: Setup,
): Promise<void> {
  const written: string[] = [];
  try {
    for (const [id, secret] of Object.entries(secrets)) {
      const path = join(storage.dir, "keys", id);
      await createSafeFile(path).write(`${secret}\n`);
      written.push(path);
    }
    await storage.config.update((draft) => {
      Object.assign(draft.providers, providers);
      const group = (draft.groups["default"] ??= { models: {} });
      group.models = { ...aliases, ...group.models };
      if (port !== undefined) draft.server.port = port;
    });
  } catch (error) {
    for (const path of written) await unlink(path).catch(() => undefined);
    throw error;
  }
}
