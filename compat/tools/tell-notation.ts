/** The notation a block of calls is written in; undefined for those a model is not asked for. */
export function tellNotation(raw: string): string | undefined {
  const head = raw.trimStart().slice(0, 600);
  return SIGNS.find(([sign]) => sign.test(head))?.[1];
}

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/^<｜DSML｜/, "dsml"],
  [/^<\|tool_calls?_(?:section_)?begin\|>[^]*<\|tool_call_argument_begin\|>/, "kimi"],
  [/^<[｜|]tool[▁_ ]calls?[▁_ ]begin[｜|]>/, "deepseek"],
  [/^\[TOOL_CALLS\]/, "mistral"],
  [/^<tool_call>\s*[^\s<{[]{1,128}\s*<arg_key>/, "glm"],
  [/^(?:<tool_call>\s*)?<function=[^<>]{1,128}>\s*<parameter=/, "qwen"],
  [/^(?:<function_calls>\s*)?<invoke name=/, "invoke"],
  [/^<tool_call>\s*\{/, "hermes"],
  [/^```/, "fence"],
];
