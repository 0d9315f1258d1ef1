import { toArgsObject } from "../../adapters/call-args.ts";

/** A notation a model can be asked for: how its calls are written, in the prompt's example and in the history. */
export interface Notation {
  /** The same call syntax for one or several calls. */
  render: (calls: readonly NotedCall[]) => string;
  /** What the prompt adds about several calls or values. */
  hint: string;
}

export interface NotedCall {
  name: string;
  /** JSON text of the arguments. */
  args: string;
}

const object = (call: NotedCall): string =>
  `{"name": ${JSON.stringify(call.name)}, "arguments": ${call.args.trim() || "{}"}}`;

/** Parameters as texts: strings raw, everything else as JSON. */
const parameters = (call: NotedCall): [string, string, boolean][] =>
  Object.entries(toArgsObject(call.args)).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
    typeof value === "string",
  ]);

const each = (calls: readonly NotedCall[], write: (call: NotedCall, index: number) => string): string =>
  calls.map(write).join("\n");
const RAW = "Write string values as they are, without quotes or escapes; everything else as JSON.";

const hermes = (tag = "tool_call"): Notation => ({
  render: (calls) => each(calls, (call) => `<${tag}>\n${object(call)}\n</${tag}>`),
  hint: `Several calls: one <${tag}> block after the other.`,
});

const qwen = (tag = "tool_call"): Notation => ({
  render: (calls) =>
    each(calls, (call) => {
      const inner = parameters(call).map(([key, text]) => `<parameter=${key}>\n${text}\n</parameter>\n`);
      return `<${tag}>\n<function=${call.name}>\n${inner.join("")}</function>\n</${tag}>`;
    }),
  hint: `${RAW} Several calls: one <${tag}> block after the other.`,
});

const invoke = (tag = "function_calls"): Notation => ({
  render: (calls) => {
    const inner = each(calls, (call) => {
      const lines = parameters(call).map(([key, text]) => `<parameter name="${key}">${text}</parameter>\n`);
      return `<invoke name="${call.name}">\n${lines.join("")}</invoke>`;
    });
    return `<${tag}>\n${inner}\n</${tag}>`;
  },
  hint: `${RAW} Several calls: one <invoke> after the other in the same block.`,
});

/** Those the configuration may name. */
export const NOTATIONS: Record<string, Notation> = {
  hermes: hermes(),
  fence: {
    render: (calls) => each(calls, (call) => `\`\`\`json\n${object(call)}\n\`\`\``),
    hint: "Several calls: one fenced block after the other.",
  },
  qwen: qwen(),
  glm: {
    render: (calls) =>
      each(calls, (call) => {
        const inner = parameters(call).map(
          ([key, text]) => `<arg_key>${key}</arg_key>\n<arg_value>${text}</arg_value>\n`,
        );
        return `<tool_call>${call.name}\n${inner.join("")}</tool_call>`;
      }),
    hint: `${RAW} Several calls: one <tool_call> block after the other.`,
  },
  invoke: invoke(),
  mistral: {
    render: (calls) => `[TOOL_CALLS][${calls.map(object).join(", ")}]`,
    hint: "Several calls: more objects in the same list.",
  },
  deepseek: {
    render: (calls) => {
      const inner = calls.map(
        (call) =>
          `<｜tool▁call▁begin｜>${call.name}<｜tool▁sep｜>${call.args.trim() || "{}"}<｜tool▁call▁end｜>`,
      );
      return `<｜tool▁calls▁begin｜>${inner.join("")}<｜tool▁calls▁end｜>`;
    },
    hint: "Several calls: repeat the inner part.",
  },
  dsml: {
    render: (calls) => {
      const inner = each(calls, (call) => {
        const lines = parameters(call).map(
          ([key, text, isString]) =>
            `<｜DSML｜parameter name="${key}" string="${isString}">${text}</｜DSML｜parameter>\n`,
        );
        return `<｜DSML｜invoke name="${call.name}">\n${lines.join("")}</｜DSML｜invoke>`;
      });
      return `<｜DSML｜function_calls>\n${inner}\n</｜DSML｜function_calls>`;
    },
    hint: 'Strings with string="true" as they are, everything else as JSON with string="false". Several calls: repeat the invoke.',
  },
  kimi: {
    render: (calls) => {
      const inner = calls.map(
        (call, index) =>
          `<|tool_call_begin|>functions.${call.name}:${index}<|tool_call_argument_begin|>${call.args.trim() || "{}"}<|tool_call_end|>`,
      );
      return `<|tool_calls_section_begin|>${inner.join("")}<|tool_calls_section_end|>`;
    },
    hint: "Several calls: repeat the inner part, counting up.",
  },
};

/** The same in tags that only one family has. */
export const FAMILY_NOTATIONS: Record<string, Notation> = {
  ...NOTATIONS,
  longcat: hermes("longcat_tool_call"),
  minimax: invoke("minimax:tool_call"),
  seed: qwen("seed:tool_call"),
};

/** The result tag; a model that opens one itself is stopped there. */
export const RESULT_TAG = "tool_response";
