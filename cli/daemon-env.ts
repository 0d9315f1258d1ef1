import type { Config } from "../storage/types.ts";

type Env = Record<string, string | undefined>;

/**
 * The environment of the background daemon: what programs need of the system, what is ccproxy's, and the variables
 * that provider keys are read from. What else the shell holds, such as other programs' secrets, is none of its
 * business.
 */
export function toDaemonEnv(env: Env, keyNames: readonly string[]): Env {
  const wanted = new Set(keyNames);
  return Object.fromEntries(Object.entries(env).filter(([name]) => wanted.has(name) || KEPT.test(name)));
}

/** The variables that a configuration's `env:NAME` keys stand for. */
export const listKeyNames = ({ providers }: Pick<Config, "providers">): string[] =>
  Object.values(providers).flatMap(({ keys = [] }) =>
    keys.flatMap((key) => (key.startsWith("env:") ? [key.slice(4)] : [])),
  );

// Windows does not mind the case of names.
const KEPT =
  /^(?:path|home|user|logname|username|userprofile|lang|language|lc_\w+|tz|tmpdir|temp|tmp|systemroot|windir|comspec|appdata|localappdata|xdg_\w+|ssl_cert_file|ssl_cert_dir|node_options|node_extra_ca_certs|ccproxy_\w+)$/i;
