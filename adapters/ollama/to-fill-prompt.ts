/**
 * Fill-in-the-middle (`suffix`) in words, for models that have no tokens for it. A real Ollama behind us gets prompt
 * and suffix as they came.
 */
export const toFillPrompt = (prefix: string, suffix: string): string =>
  [
    "Write the text that belongs between PREFIX and SUFFIX, so that the three of them read as one.",
    "Answer with that text alone: no explanation, no code fence, nothing of PREFIX or SUFFIX repeated.",
    `<PREFIX>${prefix}</PREFIX>`,
    `<SUFFIX>${suffix}</SUFFIX>`,
  ].join("\n");
