import { command } from "../command.ts";
import { withStorage } from "../home.ts";
import { print, toTable } from "../print.ts";
import { toShown } from "./find-key.ts";
import { keyShape, list } from "../shape.ts";

export default command({
  args: {},
  examples: ["ccproxy key list"],
  output: list(keyShape),
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const keys = Object.entries(config.current.keys);
      const rows = keys.map(([id, key]) => [
        id,
        key.name,
        key.enabled === false ? "off" : Date.parse(key.expiresAt ?? "") <= Date.now() ? "expired" : "on",
        key.groups?.join(", ") ?? "all",
        key.models?.join(", ") ?? "all",
        key.expiresAt ?? "never",
      ]);
      const shown = keys.map(([id, key]) => toShown(id, key));
      print(
        args,
        invocation,
        shown,
        rows.length > 0 ? toTable(["KEY", "NAME", "STATE", "GROUPS", "MODELS", "EXPIRES"], rows) : [],
      );
      if (rows.length === 0)
        invocation.io.stderr("no keys: callers on this machine need none; 'ccproxy key add' makes one\n");
    }),
});
