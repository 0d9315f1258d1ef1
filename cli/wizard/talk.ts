import type { Io } from "../io.ts";
import { printable } from "../printable.ts";
import type { Terminal } from "./terminal.ts";

/** What is said beside the questions: in their frame on a terminal, else as plain lines. */
export interface Talk {
  intro: (text: string) => void;
  step: (text: string) => void;
  good: (text: string) => void;
  bad: (text: string) => void;
  outro: (lines: string[]) => void;
}

export async function createTalk(io: Io, terminal: Terminal | undefined): Promise<Talk> {
  if (!terminal) {
    const say = (text: string): void => io.stderr(`${text}\n`);
    return { intro: say, step: say, good: say, bad: say, outro: (lines) => say(lines.join("\n")) };
  }
  const { intro, log, outro } = await import("@clack/prompts");
  const { output } = terminal;
  return {
    intro: (text) => intro(printable(text), { output }),
    step: (text) => log.step(printable(text), { output }),
    good: (text) => log.success(printable(text), { output }),
    bad: (text) => log.warn(printable(text), { output }),
    outro: (lines) => {
      outro(printable(lines[0] ?? ""), { output });
      // Without a frame, so that a line can be copied as it is.
      output.write(`${lines.slice(1).map(printable).join("\n")}\n\n`);
    },
  };
}
