import { ok, type Check } from "../check.ts";

export const configFields: Check = {
  id: "config-fields",
  title: "The configuration holds nothing that is not read",
  fix: "correct the name, or remove the field",
  async run({ read, home }) {
    const warnings = (await read())?.warnings ?? [];
    if (warnings.length === 0) return ok("every field is known");
    return warnings.map(({ message, line }) => ({
      outcome: "warn",
      message: `${home.configFile}:${line ?? 1}: ${message}`,
    }));
  },
};
