import { replaceConfig } from "../../storage/replace-config.ts";
import { command } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { findHome, withStorage } from "../home.ts";
import { print } from "../print.ts";
import { record, text } from "../shape.ts";
import { findVersion } from "./find-version.ts";
import { readText, toShownText } from "./read-text.ts";

export default command({
  args: {
    version: {
      type: "positional",
      required: false,
      description: "The version to go back to, from 1 for the last one; default 1.",
    },
  },
  examples: ["ccproxy config rollback", "ccproxy config rollback 2 --yes"],
  output: record({ version: text, diff: text }),
  async run(args, invocation) {
    const { configFile } = findHome(invocation.io, args);
    const kept = await findVersion(configFile, args.version);
    if (!kept)
      throw new CliError("not-found", "no version is kept yet", "each change keeps the one before it");
    const [before, wanted] = [await readText(configFile), await readText(kept.path)];
    if (wanted === null)
      throw new CliError("no-file", `${kept.path} is gone`, "'ccproxy config diff --list' shows the others");
    const { writeDiff } = await import("../write-diff.ts");
    // One that is broken cannot be shown without its secrets.
    const old = await toShownText(before, configFile).catch(() => "");
    const diff = writeDiff(
      { name: configFile, text: old },
      { name: kept.path, text: await toShownText(wanted, kept.path) },
    );
    invocation.io.stderr(diff === "" ? "nothing differs\n" : diff);
    await invocation.confirm(`Go back to ${kept.version}?`);
    await replaceConfig(configFile, wanted, { before });
    // What served until now becomes a version itself.
    await withStorage(args, invocation, async () => undefined);
    print(args, invocation, { version: kept.version, diff }, []);
    invocation.io.stderr(`${configFile} is as it was at ${kept.version}\n`);
  },
});
