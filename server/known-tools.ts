import { isObject } from "../adapters/validate.ts";
import { checkText, refuseProtoKeys, type Amounts } from "./body-limits.ts";
import { skipNested } from "./json-text.ts";
import { newId } from "./new-id.ts";

/** What a body's `tools` said, and how much that was. */
interface Known {
  text: string;
  tools: unknown;
  amounts: Amounts;
}

/** A body's text without the tools in it: a short word stands for them. */
export interface ShortText {
  text: string;
  /** Where in the body something is that stands in the short text at `at`. */
  toPlace: (at: number) => number;
}

export interface KnownTools {
  /**
   * The body that `text` is, with the tools it was seen to have before; undefined: it has to be read whole. `note` is
   * told what else there is to read.
   */
  read: (text: string, note?: (short: ShortText) => void) => unknown;
  /** Learns the tools of a body that was read whole, when it seems that they come again. */
  learn: (text: string, body: unknown) => void;
}

/**
 * Agents send the same tools with every request, and these are most of it. Tools that came before, letter by letter,
 * are not read, checked and counted again; what is known of them is frozen, as all that send them share it.
 */
export function createKnownTools(mark: string = newId()): KnownTools {
  /** Those asked for last come first. */
  let known: Known[] = [];
  const lengths: number[] = [];

  const find = (text: string): { from: number; found: Known } | undefined => {
    if (known.length === 0 || text.length > LONGEST_BODY) return undefined;
    for (const from of lists(text)) {
      const index = known.findIndex((one) => text.slice(from, from + one.text.length) === one.text);
      const found = known[index];
      if (!found) continue;
      if (index > 0) known = [found, ...known.filter((one) => one !== found)];
      return { from, found };
    }
    return undefined;
  };
  return {
    read(text, note) {
      const place = find(text);
      if (!place) return undefined;
      const { from, found } = place;
      const rest = `${text.slice(0, from)}"${mark}"${text.slice(from + found.text.length)}`;
      try {
        checkText(rest, found.amounts);
        const body: unknown = JSON.parse(rest);
        // Nobody outside knows the mark: what has it stood in that place, and nothing took its place later.
        if (!isObject(body) || body.tools !== mark) return undefined;
        refuseProtoKeys(rest, body);
        body.tools = found.tools;
        const gap = text.length - rest.length;
        note?.({ text: rest, toPlace: (at) => (at <= from ? at : at + gap) });
        return body;
      } catch {
        // What is wrong with it is said of the whole.
        return undefined;
      }
    },
    learn(text, body) {
      if (!isObject(body) || !Array.isArray(body.tools) || text.length > LONGEST_BODY) return;
      for (const from of lists(text)) {
        const end = skipNested(text, from);
        const length = end - from;
        if (end === -1 || length < SHORTEST || length > LONGEST) continue;
        // Tools that come only once are not worth keeping.
        if (!lengths.includes(length)) {
          lengths.push(length);
          if (lengths.length > MOST) lengths.shift();
          return;
        }
        const own = copy(text.slice(from, end));
        const tools = freeze(JSON.parse(own));
        known = within([{ text: own, tools, amounts: checkText(own) }, ...known]);
        return;
      }
    },
  };
}

/** Where lists begin that are the value of a key `tools`: the first few. */
function* lists(text: string): Generator<number> {
  let at = text.indexOf(KEY);
  for (let tries = 0; at !== -1 && tries < TRIES; tries++) {
    const behind = at + KEY.length;
    TO_LIST.lastIndex = behind;
    if (TO_LIST.test(text)) yield TO_LIST.lastIndex - 1;
    at = text.indexOf(KEY, behind);
  }
}

/** Not a piece of the body, which would be kept with it. */
const copy = (text: string): string => {
  const encoding = WIDE.test(text) ? "utf16le" : "latin1";
  return Buffer.from(text, encoding).toString(encoding);
};

function freeze(value: unknown): unknown {
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== "object" || next === null) continue;
    for (const held of Object.values(next)) open.push(held);
    Object.freeze(next);
  }
  return value;
}

/** As many as may be kept, the first ones. */
function within(all: readonly Known[]): Known[] {
  let length = 0;
  return all.filter((one, index) => (length += one.text.length) <= MOST_TEXT && index < MOST);
}

const KEY = '"tools"';
const TO_LIST = /\s{0,20}:\s{0,20}\[/y;
// oxlint-disable-next-line no-control-regex
const WIDE = /[^\x00-\xff]/;
/** How often the key is looked at in one text. */
const TRIES = 4;
/** Characters. What is shorter is read as fast as it is looked up. */
const SHORTEST = 400;
const LONGEST = 400_000;
const LONGEST_BODY = 8_000_000;
const MOST = 16;
const MOST_TEXT = 1_000_000;
