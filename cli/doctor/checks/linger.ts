import { existsSync } from "node:fs";
import { join } from "node:path";
import { ok, warn, type Check } from "../check.ts";

export const linger: Check = {
  id: "linger",
  title: "The service stays when you log out",
  fix: "loginctl enable-linger",
  run({ env, system }) {
    if (system.platform !== "linux") return [];
    const settings = env["XDG_CONFIG_HOME"] || join(env["HOME"] ?? "", ".config");
    if (!existsSync(join(settings, "systemd", "user", "ccproxy.service"))) return [];
    return existsSync(join(system.lingerFolder, system.user))
      ? ok("it does")
      : warn("systemd ends your services when you log out, and starts them only when you log in");
  },
};
