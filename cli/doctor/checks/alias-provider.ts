import type { ConfigProblem } from "../../../storage/types.ts";
import { ok, type Check } from "../check.ts";

export const aliasProvider: Check = {
  id: "alias-provider",
  title: "Every alias leads to a provider there is",
  fix: "ccproxy provider add <name>, or correct the target",
  async run({ read, config, home }) {
    const problems = ((await read())?.problems ?? []).filter(isAboutProvider);
    if (problems.length > 0) {
      return problems.map(({ message, line }) => ({
        outcome: "fail",
        message: `${home.configFile}:${line ?? 1}: ${message}`,
      }));
    }
    const { groups } = await config();
    const count = Object.values(groups).reduce((sum, { models }) => sum + Object.keys(models).length, 0);
    return ok(count === 1 ? "1 alias" : `${count} aliases`);
  },
};

export const isAboutProvider = ({ message }: ConfigProblem): boolean =>
  message.includes('there is no provider "');
