import { isPublicBind } from "../../../server/guard.ts";
import { isLocal } from "../../own-address.ts";
import { ok, type Check } from "../check.ts";

export const dockerUrl: Check = {
  id: "docker-url",
  title: "Containers and this machine find each other",
  fix: "inside a container this machine is host.docker.internal (Linux: --add-host=host.docker.internal:host-gateway)",
  async run({ system, config, address }) {
    if (system.inContainer) {
      const { providers } = await config();
      const lost = Object.entries(providers).filter(
        ([, { baseUrl, enabled }]) =>
          enabled !== false &&
          isLocal(new URL(baseUrl).hostname) &&
          new URL(baseUrl).hostname !== "host.docker.internal",
      );
      return lost.length === 0
        ? ok("no provider is looked for in this container")
        : lost.map(([id]) => ({
            outcome: "warn",
            message: `${id}: localhost is this container itself`,
            fix: `ccproxy provider edit ${id} --base-url http://host.docker.internal:<port>`,
          }));
    }
    const { host, port } = await address();
    return isPublicBind(host)
      ? ok(`from a container: http://host.docker.internal:${port}`)
      : ok(
          `containers reach http://host.docker.internal:${port} with Docker Desktop; on Linux listen on the bridge as well: --host 172.17.0.1`,
        );
  },
};
