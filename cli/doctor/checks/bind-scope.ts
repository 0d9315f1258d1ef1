import { isPublicBind } from "../../../server/guard.ts";
import { fail, ok, warn, type Check } from "../check.ts";

export const bindScope: Check = {
  id: "bind-scope",
  title: "Only those who should can reach it",
  fix: "ccproxy key add <name>, or listen on 127.0.0.1",
  async run({ address, config }) {
    const { host } = await address();
    if (!isPublicBind(host)) return ok(`${host}: this machine alone`);
    const { keys, server } = await config();
    if (Object.keys(keys).length === 0)
      return fail(`${host}: other machines could use your provider keys, and no client key exists`);
    return server.ollamaOpen && host === "0.0.0.0"
      ? ok(`${host}: other machines, with a client key`)
      : warn(`${host}: other machines, with a client key`, "nothing, if that is meant");
  },
};
