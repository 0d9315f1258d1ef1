import { homedir } from "node:os";
import { join } from "node:path";
import { CliError } from "../exit-code.ts";
import { findHome, type Home } from "../home.ts";
import type { Io } from "../io.ts";
import { LABEL, writePlist } from "./write-plist.ts";
import { TASK, writeTask } from "./write-task.ts";
import { writeUnit } from "./write-unit.ts";

/** Who runs services for a user of this system, and how it is told. */
export interface Manager {
  name: "systemd" | "launchd" | "task scheduler";
  /** Where its file lies. */
  file: string;
  text: string;
  install: string[][];
  uninstall: string[][];
  status: string[];
}

function findManager(io: Io, home: Home): Manager {
  const platform = io.platform ?? process.platform;
  const user = io.env["HOME"] || io.env["USERPROFILE"] || homedir();
  const facts = { program: io.program, ...home };
  switch (platform) {
    case "linux": {
      const systemctl = ["systemctl", "--user"];
      return {
        name: "systemd",
        file: join(io.env["XDG_CONFIG_HOME"] || join(user, ".config"), "systemd", "user", "ccproxy.service"),
        text: writeUnit(facts),
        install: [
          [...systemctl, "daemon-reload"],
          [...systemctl, "enable", "--now", "ccproxy.service"],
        ],
        uninstall: [
          [...systemctl, "disable", "--now", "ccproxy.service"],
          [...systemctl, "daemon-reload"],
        ],
        status: [...systemctl, "is-active", "ccproxy.service"],
      };
    }
    case "darwin": {
      const domain = `gui/${process.getuid?.() ?? 501}`;
      const file = join(user, "Library", "LaunchAgents", `${LABEL}.plist`);
      return {
        name: "launchd",
        file,
        text: writePlist(facts),
        install: [["launchctl", "bootstrap", domain, file]],
        uninstall: [["launchctl", "bootout", `${domain}/${LABEL}`]],
        status: ["launchctl", "print", `${domain}/${LABEL}`],
      };
    }
    case "win32": {
      const file = join(home.dir, "ccproxy-task.xml");
      return {
        name: "task scheduler",
        file,
        text: writeTask(facts),
        install: [
          ["schtasks", "/Create", "/TN", TASK, "/XML", file, "/F"],
          ["schtasks", "/Run", "/TN", TASK],
        ],
        uninstall: [
          ["schtasks", "/End", "/TN", TASK],
          ["schtasks", "/Delete", "/TN", TASK, "/F"],
        ],
        status: ["schtasks", "/Query", "/TN", TASK],
      };
    }
    default:
      throw new CliError(
        "not-possible",
        `no services are known for ${platform}`,
        "'ccproxy start' runs the daemon without one",
      );
  }
}

export const managerOf = (io: Io, args: { config?: string }): { manager: Manager; home: Home } => {
  const home = findHome(io, args);
  return { manager: findManager(io, home), home };
};
