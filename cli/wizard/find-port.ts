import { findPortHolder, type PortHolder } from "../../server/port-holder.ts";

/** A port for the daemon: the wanted one, or the next that is free where somebody else holds it. */
export async function findPort(host: string, wanted: number): Promise<{ port: number; holder?: PortHolder }> {
  const holder = await findPortHolder(host, wanted);
  if (!holder) return { port: wanted };
  for (let port = wanted + 1; port <= Math.min(wanted + MOST, 65_535); port++)
    if (!(await findPortHolder(host, port))) return { port, holder };
  return { port: wanted, holder };
}

const MOST = 50;
