import { command } from "../command.ts";
import { findHome } from "../home.ts";
import { print } from "../print.ts";
import { record, text } from "../shape.ts";

export default command({
  args: {},
  examples: ["ccproxy config path", '$EDITOR "$(ccproxy config path)"'],
  output: record({ path: text, home: text }),
  async run(args, invocation) {
    const { configFile, dir } = findHome(invocation.io, args);
    print(args, invocation, { path: configFile, home: dir }, configFile);
  },
});
