import { command } from "./command.ts";
import { CliError } from "./exit-code.ts";
import { print } from "./print.ts";
import { record, text } from "./shape.ts";
import { SHELLS, writeCompletion, type Shell } from "./write-completion.ts";

export default command({
  args: {
    shell: {
      type: "positional",
      required: false,
      description: `Whose script: ${SHELLS.join(", ")}; default: the shell you sit in.`,
    },
  },
  examples: [
    'eval "$(ccproxy completion bash)"',
    "ccproxy completion zsh > ~/.zfunc/_ccproxy",
    "ccproxy completion fish > ~/.config/fish/completions/ccproxy.fish",
    "ccproxy completion powershell >> $PROFILE",
  ],
  output: record({ shell: text, script: text }),
  async run(args, invocation) {
    const asked = args.shell;
    const shell = SHELLS.find((one) => one === asked) ?? guess(invocation.io.env["SHELL"], asked);
    const script = writeCompletion(shell);
    print(args, invocation, { shell, script }, script.trimEnd());
  },
});

/** The shell one sits in, if none is named. */
function guess(path: string | undefined, asked: string | undefined): Shell {
  const own = SHELLS.find((one) => path?.endsWith(`/${one}`));
  if (asked === undefined && own) return own;
  throw new CliError(
    asked === undefined ? "missing-argument" : "bad-value",
    asked === undefined ? "<shell> is missing" : `there is no completion for "${asked}"`,
    `one of ${SHELLS.join(", ")}`,
  );
}
