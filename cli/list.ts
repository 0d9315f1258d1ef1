import { callOllama, ollamaArgs } from "./call-ollama.ts";
import { command } from "./command.ts";
import { print, toTable } from "./print.ts";
import { list, number, record, text } from "./shape.ts";
import { toBytes } from "./to-bytes.ts";

interface Tag {
  name: string;
  size?: number;
  modified_at?: string;
  details?: { family?: string; parameter_size?: string };
}

export default command({
  args: ollamaArgs,
  examples: ["ccproxy list", "ccproxy list --group qwen"],
  output: list(record({ name: text, size: number, modified: text }, { family: text, parameters: text })),
  async run(args, invocation) {
    const response = await callOllama(args, invocation, { path: "/api/tags" });
    const { models = [] } = (await response.json()) as { models?: Tag[] };
    const shown = models.map(({ name, size = 0, modified_at = "", details }) => ({
      name,
      size,
      modified: modified_at,
      ...(details?.family && { family: details.family }),
      ...(details?.parameter_size && { parameters: details.parameter_size }),
    }));
    const rows = shown.map(({ name, size, modified, family = "" }) => [
      name,
      size > 0 ? toBytes(size) : "-",
      modified.slice(0, 10),
      family,
    ]);
    print(
      args,
      invocation,
      shown,
      rows.length > 0 ? toTable(["NAME", "SIZE", "MODIFIED", "FAMILY"], rows) : [],
    );
    if (rows.length === 0)
      invocation.io.stderr("no models; 'ccproxy model add --help' shows how to add one\n");
  },
});
