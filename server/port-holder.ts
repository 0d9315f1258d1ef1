import { readFileSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { connect } from "node:net";

/** Who listens on a port, as far as it tells. */
export interface PortHolder {
  kind: "ccproxy" | "ollama" | "other";
  pid?: number;
  version?: string;
  /** Its program's name, where the system lets us see it. */
  program?: string;
}

/** Who holds a port; undefined: nobody listens there. */
export async function findPortHolder(host: string, port: number): Promise<PortHolder | undefined> {
  return (await isOpen(toReachable(host), port)) ? askPortHolder(host, port) : undefined;
}

/** Who holds a port that is known to be taken. */
export async function askPortHolder(host: string, port: number): Promise<PortHolder> {
  const reachable = toReachable(host);
  const base = `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
  const ask = async (path: string): Promise<string> => {
    const response = await fetch(base + path, { signal: AbortSignal.timeout(1000), redirect: "manual" });
    return (await response.text()).slice(0, 500);
  };
  try {
    const health = await ask("/health");
    const pid = /"pid":(\d+)/.exec(health)?.[1];
    if (health.includes('"status":"ok"') && pid !== undefined) {
      const version = /"version":"([\w.-]+)"/.exec(health)?.[1];
      return { kind: "ccproxy", pid: Number(pid), ...(version !== undefined && { version }) };
    }
    const version = /"version":"([\w.-]+)"/.exec(await ask("/api/version"))?.[1];
    if (version !== undefined) return { kind: "ollama", version };
  } catch {
    // It does not speak HTTP, or not with us.
  }
  return { kind: "other", ...(await findProgram(port)) };
}

/** What listens on all interfaces is reached on loopback. */
const toReachable = (host: string): string =>
  host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.replace(/^\[|\]$/g, "");

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const settle = (open: boolean) => () => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", settle(true)).once("timeout", settle(false)).once("error", settle(false));
  });
}

/** The process behind a listening port, from /proc: only Linux tells, and only of the user's own. */
async function findProgram(port: number): Promise<{ pid?: number; program?: string }> {
  const inodes = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listListeners(table, port)));
  if (inodes.size === 0) return {};
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      const link = await readlink(`/proc/${pid}/fd/${file}`).catch(() => "");
      if (!inodes.has(link)) continue;
      const program = (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim();
      return { pid: Number(pid), ...(program !== "" && { program }) };
    }
  }
  return {};
}

/** `socket:[inode]` of each listener on the port. Fields: local address in hex, state (0A listens), inode as the tenth. */
function listListeners(table: string, port: number): string[] {
  try {
    const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    return readFileSync(table, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === "0A")
      .map((fields) => `socket:[${fields[9]}]`);
  } catch {
    return [];
  }
}
