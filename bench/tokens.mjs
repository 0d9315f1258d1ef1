/** The answers' text: words that no framing, naming or escaping could produce by accident. */
export const toToken = (index) => ` tok${index}`;

export const toText = (count) => Array.from({ length: count }, (_, index) => toToken(index)).join("");
