import { askPortHolder, type PortHolder } from "./port-holder.ts";

/** The error for a port that is taken: by whom, as far as it can be asked, and two ways out. */
export async function portTaken(host: string, port: number, cause: unknown): Promise<Error> {
  const holder = await askPortHolder(host, port);
  const message = `port ${port} on ${host} is taken by ${describeHolder(holder)}. ${toAdvice(holder, port)}`;
  return Object.assign(new Error(message, { cause }), { code: "EADDRINUSE" });
}

export function describeHolder({ kind, pid, version, program }: PortHolder): string {
  if (kind === "ollama") return `an Ollama (version ${version})`;
  const name =
    kind === "ccproxy" ? "another ccproxy" : program === undefined ? "another program" : `'${program}'`;
  return pid === undefined ? name : `${name} (pid ${pid})`;
}

export function toAdvice({ kind, pid }: PortHolder, port: number): string {
  const beside = `start ccproxy on another port: --port ${port < 65_535 ? port + 1 : port - 1}`;
  switch (kind) {
    case "ollama":
      return `Stop it ('systemctl stop ollama', or quit the app), or ${beside}, with it as a provider: ccproxy provider add ollama.`;
    case "ccproxy":
      return `Stop it ('ccproxy stop', or end process ${pid}), or ${beside}.`;
    case "other":
      return pid === undefined ? `Stop it, or ${beside}.` : `Stop it (kill ${pid}), or ${beside}.`;
    default:
      return kind satisfies never;
  }
}
