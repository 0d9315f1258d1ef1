import { listKept } from "../../storage/config-history.ts";
import { command } from "../command.ts";
import { findHome } from "../home.ts";
import { print } from "../print.ts";
import { list, record, text } from "../shape.ts";
import { findVersion } from "./find-version.ts";
import { readText, toShownText } from "./read-text.ts";

export default command({
  args: {
    version: {
      type: "positional",
      required: false,
      description:
        "A version that served before, from 1 for the last one; default: the one in force, or the last one if the file is that.",
    },
    list: { type: "boolean", description: "List the versions that are kept instead." },
  },
  examples: ["ccproxy config diff", "ccproxy config diff --list", "ccproxy config diff 2"],
  output: {
    anyOf: [record({ from: text, to: text, diff: text }), list(record({ version: text, path: text }))],
  },
  async run(args, invocation) {
    const { configFile } = findHome(invocation.io, args);
    if (args.list) {
      const kept = await listKept(configFile);
      const lines = kept.map(({ version }, at) => `${at + 1}  ${version}`);
      return print(args, invocation, kept, lines);
    }
    const { writeDiff } = await import("../write-diff.ts");
    const now = await toShownText(await readText(configFile), configFile);
    const inForce = await toShownText(await readText(`${configFile}.bak`), `${configFile}.bak`);
    const isNews = args.version === undefined && inForce !== "" && inForce !== now;
    const before = isNews ? undefined : await findVersion(configFile, args.version);
    const name = isNews ? `${configFile}.bak` : (before?.path ?? "/dev/null");
    const text = isNews
      ? inForce
      : before
        ? await toShownText(await readText(before.path), before.path)
        : now;
    const diff = writeDiff({ name, text }, { name: configFile, text: now });
    print(args, invocation, { from: name, to: configFile, diff }, diff.trimEnd());
    if (diff === "") invocation.io.stderr("nothing differs\n");
  },
});
