import { callOllama, ollamaArgs } from "./call-ollama.ts";
import { command } from "./command.ts";
import { print } from "./print.ts";
import { record, text, yesNo } from "./shape.ts";

export default command({
  args: { model: { type: "positional", required: true, description: "The model's name." }, ...ollamaArgs },
  examples: ["ccproxy pull small"],
  output: record({ model: text, served: yesNo }),
  async run(args, invocation) {
    await callOllama(args, invocation, { path: "/api/show", body: { model: args.model } });
    print(args, invocation, { model: args.model, served: true }, []);
    invocation.io.stderr(
      `${args.model} is served already: models live at their providers, and nothing is fetched to this machine.\n` +
        `'ccproxy run ${args.model}' asks it. To fetch one to an Ollama, ask that Ollama: OLLAMA_HOST=… ollama pull …\n`,
    );
  },
});
