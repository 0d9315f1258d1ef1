/** A string or number of JSON text that is no key: where it stands, quotes included, and what leads to it. */
export interface Value {
  start: number;
  end: number;
  isString: boolean;
  path: readonly (string | number)[];
}

/**
 * The strings and numbers of JSON text that can be parsed, in their order. Undefined where a value cannot be told by
 * its path: keys that come twice, or that are not written plainly.
 */
export function findValues(text: string): Value[] | undefined {
  const found: Value[] = [];
  // Of every object and list that is open: its keys so far, or undefined for a list.
  const keys: (Set<string> | undefined)[] = [];
  const path: (string | number)[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const token = match[0];
    const { index: start } = match;
    switch (token[0]) {
      case "{":
        keys.push(new Set());
        path.push("");
        break;
      case "[":
        keys.push(undefined);
        path.push(0);
        break;
      case "}":
      case "]":
        keys.pop();
        path.pop();
        break;
      case ",":
        if (!keys.at(-1)) path[path.length - 1] = (path.at(-1) as number) + 1;
        break;
      default: {
        const end = start + token.length;
        const known = keys.at(-1);
        if (known && token.startsWith('"') && isKey(text, end)) {
          const key = token.slice(1, -1);
          if (known.has(key) || key.includes("\\") || key === "__proto__") return undefined;
          known.add(key);
          path[path.length - 1] = key;
        } else if (path.length > 0) {
          found.push({ start, end, isString: token.startsWith('"'), path: [...path] });
        }
      }
    }
  }
  return found;
}

function isKey(text: string, end: number): boolean {
  COLON.lastIndex = end;
  return COLON.test(text);
}

const TOKEN = /[{}[\],]|"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const COLON = /\s*:/y;
