import { access, constants } from "node:fs/promises";
import { dirname } from "node:path";
import { fail, ok, warn, type Check } from "../check.ts";

export const homeWritable: Check = {
  id: "home-writable",
  title: "The home folder can be written to",
  fix: "make yourself its owner, or set CCPROXY_HOME to a folder of your own",
  async run({ home }) {
    const may = (path: string, mode: number): Promise<boolean> =>
      access(path, mode).then(
        () => true,
        () => false,
      );
    if (!(await may(home.dir, constants.F_OK))) {
      return (await may(dirname(home.dir), constants.W_OK))
        ? ok(`${home.dir} is made when it is needed`)
        : warn(`${home.dir} does not exist, and cannot be made`);
    }
    return (await may(home.dir, constants.W_OK | constants.R_OK | constants.X_OK))
      ? ok(home.dir)
      : fail(`${home.dir} cannot be read and written by this user`);
  },
};
