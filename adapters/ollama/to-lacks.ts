/**
 * What a model is known to lack, by the abilities its Ollama lists; by its name where none are listed. There is a JSON
 * mode for every model.
 */
export function toLacks(model: string, abilities: readonly string[] | undefined): string[] {
  if (abilities) return ["tools", "vision", "thinking"].filter((ability) => !abilities.includes(ability));
  return TOOLLESS.test(model) ? ["tools"] : [];
}

/**
 * Models of Ollama's library whose templates never had tools, for Ollamas before 0.6.4, which do not list abilities.
 * Under a user's name (`someone/gemma3-tools`) a template of its own may have them.
 */
const TOOLLESS =
  /^(?:library\/)?(?:gemma[23]?|codegemma|llama2|llama2-uncensored|codellama|vicuna|llava|phi|phi3|phi3\.5|tinyllama|orca-mini)(?::|$)/i;
