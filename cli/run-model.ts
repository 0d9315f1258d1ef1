import { callOllama, ollamaArgs, type OllamaFlags } from "./call-ollama.ts";
import { command, type Invocation } from "./command.ts";
import { CliError, EXIT } from "./exit-code.ts";
import { print } from "./print.ts";
import { readLines } from "./read-lines.ts";
import { number, record, text } from "./shape.ts";

interface Message {
  role: "system" | "user" | "assistant";
  content: string;
}

interface Piece {
  message?: { content?: string };
  error?: unknown;
  done_reason?: string;
  prompt_eval_count?: number;
  eval_count?: number;
}

interface Answer {
  content: string;
  finish?: string;
  inputTokens?: number;
  outputTokens?: number;
}

export default command({
  args: {
    model: { type: "positional", required: true, description: "The model's name." },
    prompt: {
      type: "positional",
      required: false,
      description: "What to ask; what is piped in comes before it. Neither, in a terminal: a conversation.",
    },
    ...ollamaArgs,
    compat: { type: "boolean", description: "By the group's compat mode." },
    system: { type: "string", valueHint: "text", description: "A system prompt." },
  },
  more: true,
  examples: [
    "ccproxy run small 'Why is the sky blue?'",
    "git diff | ccproxy run claude-sonnet-4-5 'Write a commit message.' --group qwen",
    "ccproxy run small Hello --json",
  ],
  output: record({ model: text, content: text }, { finish: text, inputTokens: number, outputTokens: number }),
  async run(args, invocation) {
    const { io } = invocation;
    const [model = "", ...words] = invocation.words;
    const messages: Message[] = args.system === undefined ? [] : [{ role: "system", content: args.system }];
    // A key may come by standard input; the prompt then does not.
    const piped = io.readLine || args.key === "-" ? "" : (await io.readStdin()).trim();
    const prompt = [piped, words.join(" ").trim()].filter(Boolean).join("\n\n");
    if (prompt === "") {
      if (!invocation.mayAsk)
        throw new CliError("missing-argument", "there is no prompt", "give one, or pipe it into the command");
      return await converse(model, messages, { args, invocation });
    }
    messages.push({ role: "user", content: prompt });
    const answer = await ask(model, messages, { args, invocation, write: args.json ? undefined : io.stdout });
    if (args.json) print(args, invocation, { model, ...answer }, []);
    else if (!answer.content.endsWith("\n")) io.stdout("\n");
    return EXIT.ok;
  },
});

interface Circumstances {
  args: OllamaFlags;
  invocation: Invocation;
}

/** Until `/bye`, the end of the input or Ctrl-C at the prompt. */
async function converse(model: string, messages: Message[], { args, invocation }: Circumstances) {
  const { io } = invocation;
  io.stderr("/bye ends the conversation, /clear begins a new one\n");
  const first = messages.length;
  for (;;) {
    const line = ((await io.readLine?.(">>> ")) ?? "/bye").trim();
    if (line === "/bye" || line === "/exit") return EXIT.ok;
    if (line === "/clear") messages.length = first;
    else if (line.startsWith("/")) io.stderr("there is /bye and /clear\n");
    else if (line !== "") {
      messages.push({ role: "user", content: line });
      const { content } = await ask(model, messages, { args, invocation, write: io.stdout });
      io.stdout(content.endsWith("\n") ? "\n" : "\n\n");
      messages.push({ role: "assistant", content });
    }
  }
}

/** One answer, written as it comes. */
async function ask(
  model: string,
  messages: Message[],
  { args, invocation, write }: Circumstances & { write: ((text: string) => void) | undefined },
): Promise<Answer> {
  const ended = new AbortController();
  const stopListening = invocation.io.onSignal(() => ended.abort());
  try {
    const { signal } = ended;
    const body = { model, messages, stream: true };
    const response = await callOllama(args, invocation, { path: "/api/chat", body, signal });
    const answer: Answer = { content: "" };
    for await (const line of readLines(response)) {
      const piece = JSON.parse(line) as Piece;
      if (piece.error !== undefined)
        throw new CliError("provider-failed", String(piece.error), "'ccproxy logs --failed' shows more");
      const content = piece.message?.content ?? "";
      answer.content += content;
      if (content !== "") write?.(content);
      if (piece.done_reason !== undefined) answer.finish = piece.done_reason;
      if (piece.prompt_eval_count !== undefined) answer.inputTokens = piece.prompt_eval_count;
      if (piece.eval_count !== undefined) answer.outputTokens = piece.eval_count;
    }
    return answer;
  } catch (error) {
    if (error instanceof CliError) throw error;
    if (ended.signal.aborted) throw new CliError("interrupted", "interrupted", "run it again");
    throw new CliError(
      "daemon-failed",
      `the answer broke off: ${String(error)}`,
      "'ccproxy logs' shows more",
    );
  } finally {
    stopListening();
  }
}
