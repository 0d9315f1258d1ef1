/**
 * A string as it stands between the quotes of JSON text, as `JSON.stringify` writes it. Faster for the few characters
 * that an event of a stream holds: most are what they are.
 */
export function escapeText(text: string): string {
  if (text.length > LONGEST) return stringify(text);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Half of a pair may have to be escaped too.
    if (code < SPACE || code === QUOTE || code === BACKSLASH || code >= SURROGATES) return stringify(text);
  }
  return text;
}

const stringify = (text: string): string => JSON.stringify(text).slice(1, -1);

const LONGEST = 64;
const SPACE = 32;
const QUOTE = 34;
const BACKSLASH = 92;
const SURROGATES = 0xd800;
