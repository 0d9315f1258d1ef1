import { command } from "../command.ts";
import { withStorage } from "../home.ts";
import { print } from "../print.ts";
import { toDate } from "../to-value.ts";
import { unset, unsetArg } from "../unset.ts";
import { findKey, toShown } from "./find-key.ts";
import { repeatableScopeArgs, SCOPE_FIELDS, scopeArgs, toScope } from "./scope-fields.ts";
import { keyShape } from "../shape.ts";

export default command({
  args: {
    key: { type: "positional", required: true, description: "The key's id or name." },
    name: { type: "string", description: "Another name." },
    ...scopeArgs,
    expires: {
      type: "string",
      valueHint: "when",
      description: "An ISO date, or a span from now such as 12h, 30d, 8w.",
    },
    enabled: { type: "boolean", description: "Accept it; --no-enabled refuses it without removing it." },
    unset: unsetArg,
  },
  repeatable: [...repeatableScopeArgs, "unset"],
  examples: [
    "ccproxy key edit ci --expires 30d",
    "ccproxy key edit ci --no-enabled",
    "ccproxy key edit ci --unset groups",
  ],
  output: keyShape,
  run: (args, invocation) =>
    withStorage(args, invocation, async ({ config }) => {
      const fields = unset(invocation, [...SCOPE_FIELDS, "expiresAt", "enabled"]);
      const id = findKey(args.key, config.current.keys);
      await config.update((draft) => {
        const key = draft.keys[id];
        if (!key) return;
        if (args.name !== undefined) key.name = args.name;
        if (args.expires !== undefined) key.expiresAt = toDate("expires", args.expires, Date.now());
        if (args.enabled !== undefined) key.enabled = args.enabled;
        Object.assign(key, toScope(invocation, draft));
        for (const field of fields) Reflect.deleteProperty(key, field);
      });
      const key = config.current.keys[id];
      if (key) print(args, invocation, toShown(id, key), []);
      invocation.io.stderr(`changed ${id}\n`);
    }),
});
