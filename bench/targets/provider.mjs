import { fileURLToPath } from "node:url";
import { startProcess } from "./start-process.mjs";

/** The stand-in for a provider, on the load's processor; `configure` says what it answers from now on. */
export async function startProvider(pins) {
  const file = fileURLToPath(new URL("../servers/provider.mjs", import.meta.url));
  const { address, child, pid, stop } = await startProcess([process.execPath, file], { pin: pins?.load });
  return {
    address,
    pid,
    stop,
    url: `http://${address.host}:${address.port}`,
    configure: (settings) =>
      new Promise((resolve) => {
        child.once("message", resolve);
        child.send(settings);
      }),
  };
}
