import { join, resolve } from "node:path";
import { toBase62 } from "./base62.ts";
import { createCheckedText } from "./checked-text.ts";
import { openConfig } from "./config.ts";
import { crypto } from "./crypto.ts";
import { createKeyRing } from "./keys.ts";
import { createMemoryConfig } from "./memory-config.ts";
import { protectFolder } from "./protect-file.ts";
import { createRecords } from "./records.ts";
import { resolveKey } from "./resolve-key.ts";
import { openSecretFile, readSecretFile } from "./secret-file.ts";
import { createState } from "./state.ts";
import { sweepTemporaries } from "./sweep-temporaries.ts";
import type { Config, Storage } from "./types.ts";

export interface OpenOptions {
  /** The configuration file; default `config.json` in the folder. */
  configFile?: string;
  /** Take over edits of the configuration as they are saved; default true. */
  watch?: boolean;
  env?: Record<string, string | undefined>;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/**
 * Opens the folder everything lives in; nothing is made there before something is written. Throws `ConfigRefused`
 * (code `CONFIG_REFUSED`) when the configuration cannot be used and no good copy of it is left.
 */
export async function openStorage(dir: string, options: OpenOptions = {}): Promise<Storage> {
  const { env = process.env, now = Date.now } = options;
  const home = resolve(dir);
  const configFile =
    options.configFile === undefined ? join(home, "config.json") : resolve(options.configFile);
  protectFolder(home);
  for (const folder of [home, join(home, "state"), join(home, "records")]) sweepTemporaries(folder, now());
  const checked = createCheckedText(join(home, "state", "checked-config"));
  const config = await openConfig({ file: configFile, watch: options.watch, now, checked });
  const pepperFile = join(home, "pepper");
  let token: string | undefined;
  return {
    dir: home,
    config,
    state: createState({ dir: join(home, "state"), now }),
    records: createRecords({ dir: join(home, "records"), now }),
    memory: createState({ now }),
    keyRing: createKeyRing({
      pepper: (when) =>
        when === "make" ? openSecretFile(pepperFile, newSecret) : readSecretFile(pepperFile),
      now,
    }),
    adminToken: async () => (token ??= openSecretFile(join(home, "admin-token"), () => `cca_${newSecret()}`)),
    resolveKey: (key) => resolveKey(key, { env, dir: home }),
    close: async () => config.close(),
  };
}

/** A storage that lives and dies with the process, for tests and for embedding. */
export function memoryStorage(config: Partial<Config> = {}): Storage {
  const pepper = newSecret();
  const token = `cca_${newSecret()}`;
  return {
    dir: "",
    config: createMemoryConfig(config),
    state: createState(),
    records: createState(),
    memory: createState(),
    keyRing: createKeyRing({ pepper: () => pepper }),
    adminToken: async () => token,
    resolveKey: (key) => resolveKey(key, { env: process.env, dir: process.cwd() }),
    close: async () => undefined,
  };
}

const newSecret = (): string => toBase62(crypto().randomBytes(32), 43);
