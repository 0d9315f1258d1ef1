import { callOllama, ollamaArgs } from "./call-ollama.ts";
import { command } from "./command.ts";
import { print, toTable } from "./print.ts";
import { list, number, record, text } from "./shape.ts";
import { toBytes } from "./to-bytes.ts";

interface Loaded {
  name?: string;
  model?: string;
  size?: number;
  expires_at?: string;
}

export default command({
  args: ollamaArgs,
  examples: ["ccproxy ps"],
  output: list(record({ name: text, size: number }, { until: text })),
  async run(args, invocation) {
    const response = await callOllama(args, invocation, { path: "/api/ps" });
    const { models = [] } = (await response.json()) as { models?: Loaded[] };
    const shown = models.map(({ name, model, size = 0, expires_at }) => ({
      name: name ?? model ?? "",
      size,
      ...(expires_at !== undefined && { until: expires_at }),
    }));
    const rows = shown.map(({ name, size, until = "" }) => [name, toBytes(size), until]);
    print(args, invocation, shown, rows.length > 0 ? toTable(["NAME", "SIZE", "UNTIL"], rows) : []);
    if (rows.length === 0)
      invocation.io.stderr(
        "no model is loaded; only Ollama providers load models, others are always there\n",
      );
  },
});
