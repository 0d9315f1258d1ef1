import { ok, type Check } from "../check.ts";
import { isAboutProvider } from "./alias-provider.ts";

export const configValid: Check = {
  id: "config-valid",
  title: "The configuration can be used",
  fix: "correct the place named, then: ccproxy config validate",
  async run({ read, home }) {
    const found = await read();
    if (!found) return ok(`${home.configFile} does not exist: defaults are in force`);
    const problems = found.problems.filter((problem) => !isAboutProvider(problem));
    if (problems.length === 0) return ok(home.configFile);
    // The message begins with the JSON pointer, where there is one.
    return problems.map(({ message, line }) => ({
      outcome: "fail",
      message: `${home.configFile}:${line ?? 1}: ${message}`,
    }));
  },
};
