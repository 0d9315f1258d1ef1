import type { ArgsDef } from "citty";
import type { Config } from "../storage/types.ts";
import type { Io } from "./io.ts";
import { toPort, toWorkers } from "./to-value.ts";

/** The flags that say where the daemon listens. */
export const addressArgs = {
  host: { type: "string", description: "Address to listen on; default 127.0.0.1." },
  port: { type: "string", valueHint: "number", description: "Port to listen on; default 11434." },
  workers: {
    type: "string",
    valueHint: "number",
    description: "How many processes answer requests; default 1.",
  },
  "dangerously-listen-without-key": {
    type: "boolean",
    description: "Let every machine that reaches the port use your provider keys, without any client key.",
  },
} satisfies ArgsDef;

export interface AddressFlags {
  host?: string;
  port?: string;
  workers?: string;
  "dangerously-listen-without-key"?: boolean;
}

/** Where to listen: flag, else CCPROXY_HOST and CCPROXY_PORT, else the configuration. HOST and PORT do not count. */
export function findAddress(
  flags: AddressFlags,
  { env }: Io,
  config?: Config,
): { host: string; port: number } {
  const host = flags.host ?? (env["CCPROXY_HOST"] || undefined) ?? config?.server.host ?? "127.0.0.1";
  if (flags.port !== undefined) return { host, port: toPort("--port", flags.port) };
  const port = env["CCPROXY_PORT"] ? toPort("CCPROXY_PORT", env["CCPROXY_PORT"]) : config?.server.port;
  return { host, port: port ?? 11_434 };
}

/** How many processes answer: flag, else CCPROXY_WORKERS, else the configuration. */
export function findWorkers(flags: AddressFlags, { env }: Io, config: Config): number {
  if (flags.workers !== undefined) return toWorkers("--workers", flags.workers);
  if (env["CCPROXY_WORKERS"]) return toWorkers("CCPROXY_WORKERS", env["CCPROXY_WORKERS"]);
  return config.server.workers ?? 1;
}

/** The flags as words, for a process that is started with them. */
export function toFlags(flags: AddressFlags): string[] {
  return [
    ...(flags.host === undefined ? [] : ["--host", flags.host]),
    ...(flags.port === undefined ? [] : ["--port", flags.port]),
    ...(flags.workers === undefined ? [] : ["--workers", flags.workers]),
    ...(flags["dangerously-listen-without-key"] ? ["--dangerously-listen-without-key"] : []),
  ];
}
