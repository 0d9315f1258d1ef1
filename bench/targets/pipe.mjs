import { fileURLToPath } from "node:url";
import { createRequest } from "../requests.mjs";
import { startProcess } from "./start-process.mjs";

/** The raw `node:http` pipe: it converts nothing, so its client speaks the provider's protocol. */
export async function startPipe({ provider, pins }) {
  const file = fileURLToPath(new URL("../servers/pipe.mjs", import.meta.url));
  const { host, port } = provider.address;
  const command = [process.execPath, file, host, String(port)];
  const { address, pid, stop } = await startProcess(command, { pin: pins?.server });
  return { name: "pipe", address, pid, stop, request: toPlainRequest };
}

/** The provider itself, asked without anything in between. */
export const toDirect = (provider) => ({
  name: "direct",
  address: provider.address,
  stop: () => undefined,
  request: toPlainRequest,
});

const toPlainRequest = ({ provider, kind, stream }) => ({
  protocol: provider,
  ...createRequest(provider, { kind, stream }),
});
