import { ok, warn, type Check } from "../check.ts";

export const literalKeys: Check = {
  id: "literal-keys",
  title: "No key stands in the configuration itself",
  fix: "put it into a variable or a file, and name that: ccproxy provider key add <provider> env:NAME",
  async run({ config }) {
    const open = Object.entries((await config()).providers).filter(([, { keys = [], disabledKeys = [] }]) =>
      [...keys, ...disabledKeys].some((key) => !/^(?:env|file):/.test(key)),
    );
    return open.length === 0
      ? ok("all are named by variable or file")
      : warn(`keys of ${open.map(([id]) => id).join(", ")} are lost when that file is shown to somebody`);
  },
};
