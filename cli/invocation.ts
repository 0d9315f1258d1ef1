import type { Invocation } from "./command.ts";
import { CliError } from "./exit-code.ts";
import type { Io } from "./io.ts";

/** What a command is run with: its words, and an Io that keeps to the manners asked for. */
export function createInvocation(
  terminal: Io,
  { list, words, has }: Pick<Invocation, "list" | "words"> & { has: (flag: string) => boolean },
): Invocation {
  const io = has("quiet") ? withoutTalk(terminal) : terminal;
  // Whether somebody is there is looked at only when it matters.
  const mayAsk = (): boolean =>
    !has("no-input") && !has("json") && !io.env["CI"] && io.readLine !== undefined;
  return {
    io,
    list,
    words,
    get mayAsk() {
      return mayAsk();
    },
    async confirm(question) {
      if (has("yes")) return;
      if (!mayAsk() || !io.readLine)
        throw new CliError("needs-answer", `nobody is there to answer: ${question}`, "--yes agrees to it");
      const answer = (await io.readLine(`${question} [y/N] `)).trim().toLowerCase();
      if (answer !== "y" && answer !== "yes")
        throw new CliError("declined", "nothing was changed", "answer with y, or give --yes");
    },
  };
}

/** What must not be overlooked is said all the same. */
function withoutTalk(io: Io): Io {
  const silence = (): void => undefined;
  return new Proxy(io, {
    get: (target, name) => (name === "stderr" ? silence : (Reflect.get(target, name) as unknown)),
  });
}
