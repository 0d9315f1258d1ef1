import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { openSecretFile, readSecretFile } from "../../storage/secret-file.ts";
import type { Storage } from "../../storage/types.ts";
import type { Invocation } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { readSecrets } from "../read-secrets.ts";
import type { Agent } from "./agent.ts";

interface Asked {
  key?: string;
  "new-key"?: boolean;
}

/**
 * The client key of an agent: as given, else $CCPROXY_KEY, else the one made for it before, else a new one where
 * asked for. Where the daemon has no keys, any word does.
 */
export async function findKey(
  asked: Asked,
  { io }: Pick<Invocation, "io">,
  { agent, storage, mayMake }: { agent: Pick<Agent, "id" | "name">; storage: Storage; mayMake: boolean },
): Promise<{ key: string; isKeyReal: boolean }> {
  const real = (key: string): { key: string; isKeyReal: boolean } => ({ key, isKeyReal: true });
  if (asked.key !== undefined) {
    const [given = ""] = await readSecrets("key", [asked.key], io);
    const key = storage.resolveKey(given);
    if (key !== undefined) return real(key);
    throw new CliError("not-found", "--key leads to no key", "set the variable or make the file it names");
  }
  const named = io.env["CCPROXY_KEY"];
  if (named) return real(named);
  const { keys } = storage.config.current;
  const file = join(storage.dir, "agents", "keys", agent.id);
  const kept = readSecretFile(file);
  if (kept !== undefined && storage.keyRing.verify(kept, keys, Date.now())) return real(kept);
  if (asked["new-key"]) {
    if (!mayMake) return real("(a new key)");
    const { id, secret, record } = storage.keyRing.create(agent.id);
    if (kept !== undefined) await unlink(file);
    openSecretFile(file, () => secret);
    await storage.config.update((draft) => {
      draft.keys[id] = record;
    });
    io.stderr(`made the client key ${id} for ${agent.name}; 'ccproxy key remove ${id}' takes it back\n`);
    return real(secret);
  }
  if (Object.keys(keys).length === 0) return { key: "ccproxy", isKeyReal: false };
  throw new CliError(
    "unauthorised",
    "the daemon asks for a client key",
    "give one with --key env:NAME or in CCPROXY_KEY, or have one made with --new-key",
  );
}
