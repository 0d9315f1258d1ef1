import { fail, ok, type Check } from "../check.ts";

export const nodeVersion: Check = {
  id: "node-version",
  title: "Node.js is new enough",
  fix: "install Node.js 20.19 or newer: https://nodejs.org",
  run({ system }) {
    const [major = 0, minor = 0] = system.nodeVersion.split(".").map(Number);
    const enough = major > 20 || (major === 20 && minor >= 19);
    return enough ? ok(system.nodeVersion) : fail(`${system.nodeVersion}, expected 20.19 or newer`);
  },
};
