import { callOllama, ollamaArgs } from "./call-ollama.ts";
import { command } from "./command.ts";
import { print } from "./print.ts";
import { list, number, record, text } from "./shape.ts";

interface Shown {
  capabilities?: string[];
  details?: Record<string, unknown>;
  model_info?: Record<string, unknown>;
}

export default command({
  args: { model: { type: "positional", required: true, description: "The model's name." }, ...ollamaArgs },
  examples: ["ccproxy show small", "ccproxy show claude-sonnet-4-5 --group qwen"],
  output: record(
    { model: text, capabilities: list(text) },
    { family: text, parameters: text, quantization: text, context: number },
  ),
  async run(args, invocation) {
    const response = await callOllama(args, invocation, { path: "/api/show", body: { model: args.model } });
    const { capabilities = [], details = {}, model_info: info = {} } = (await response.json()) as Shown;
    const word = (name: string): string | undefined => {
      const value = details[name];
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    const context = Object.entries(info).find(([name]) => name.endsWith(".context_length"))?.[1];
    const [family, parameters] = [word("family"), word("parameter_size")];
    const quantization = word("quantization_level");
    const shown = {
      model: args.model,
      capabilities,
      ...(family && { family }),
      ...(parameters && { parameters }),
      ...(quantization && { quantization }),
      ...(typeof context === "number" && { context }),
    };
    const lines = Object.entries(shown).map(
      ([name, value]) => `${name.padEnd(12)}  ${Array.isArray(value) ? value.join(", ") : String(value)}`,
    );
    print(args, invocation, shown, lines);
  },
});
