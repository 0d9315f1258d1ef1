/** Whole numbers below `below`, the same ones for the same seed. */
export function createDice(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e37_79b9) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 13), 3_266_489_917) >>> 0;
    return Math.floor((mixed / 4_294_967_296) * below);
  };
}

type Dice = ReturnType<typeof createDice>;
type Json = Record<string, unknown>;

/** A request's body with something wrong with it. */
export function mutate(body: Json, dice: Dice): Buffer {
  const way = MUTATIONS[dice(MUTATIONS.length)] as (body: Json, dice: Dice) => Buffer | string;
  const bytes = way(body, dice);
  return typeof bytes === "string" ? Buffer.from(bytes) : bytes;
}

const MUTATIONS: ((body: Json, dice: Dice) => Buffer | string)[] = [
  // Bits of it turned.
  (body, dice) => {
    const bytes = Buffer.from(JSON.stringify(body));
    for (let left = 1 + dice(8); left > 0; left--) {
      const at = dice(bytes.length);
      bytes[at] = (bytes[at] as number) ^ (1 << dice(8));
    }
    return bytes;
  },
  // Cut off.
  (body, dice) => {
    const bytes = Buffer.from(JSON.stringify(body));
    return bytes.subarray(0, dice(bytes.length));
  },
  // A piece of it twice, or not at all.
  (body, dice) => {
    const text = JSON.stringify(body);
    const from = dice(text.length);
    const to = from + dice(40);
    return dice(2) === 0 ? text.slice(0, to) + text.slice(from) : text.slice(0, from) + text.slice(to);
  },
  // Something else in one place, or in several.
  (body, dice) => JSON.stringify(replaceAny(body, dice)),
  (body, dice) => JSON.stringify(replaceAny(replaceAny(replaceAny(body, dice), dice), dice)),
  // What JavaScript would not write.
  (body, dice) => {
    const text = JSON.stringify(replaceAny(body, dice, "\u0001mark\u0001"));
    return text.replace(/"\\u0001mark\\u0001"/, () => LITERALS[dice(LITERALS.length)] as string);
  },
  // A key twice.
  (body, dice) => {
    const keys = Object.keys(body);
    const key = JSON.stringify(keys[dice(keys.length)] ?? "model");
    const value = JSON.stringify(VALUES[dice(VALUES.length)] ?? null);
    const text = JSON.stringify(body);
    return dice(2) === 0 ? `{${key}:${value},${text.slice(1)}` : `${text.slice(0, -1)},${key}:${value}}`;
  },
  // Keys gone, renamed, or swapped.
  (body, dice) => {
    const copy = structuredClone(body);
    const [holder, key] = pickPlace(copy, dice);
    const value = holder[key];
    Reflect.deleteProperty(holder, key);
    if (dice(2) === 0 && !Array.isArray(holder)) holder[NAMES[dice(NAMES.length)] as string] = value;
    return JSON.stringify(copy);
  },
  // No object at all.
  (_body, dice) => JSON.stringify(VALUES[dice(VALUES.length)] ?? null),
  // Deep.
  (body, dice) => {
    const depth = [10, 100, 127, 128, 129, 1000, 100_000][dice(7)] as number;
    const bomb =
      dice(2) === 0 ? "[".repeat(depth) + "]".repeat(depth) : `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    const text = JSON.stringify(replaceAny(body, dice, "\u0001mark\u0001"));
    return text.replace(/"\\u0001mark\\u0001"/, () => bomb);
  },
  // Bytes that are no UTF-8, marks in front, NULs.
  (body, dice) => {
    const text = Buffer.from(JSON.stringify(body));
    const at = dice(text.length);
    const odd = ODD_BYTES[dice(ODD_BYTES.length)] as Buffer;
    return Buffer.concat([text.subarray(0, at), odd, text.subarray(at)]);
  },
  // Noise.
  (_body, dice) => Buffer.from(Array.from({ length: dice(300) }, () => dice(256))),
];

function replaceAny(body: Json, dice: Dice, put?: unknown): Json {
  const copy = structuredClone(body);
  const [holder, key] = pickPlace(copy, dice);
  holder[key] = put ?? VALUES[dice(VALUES.length)];
  return copy;
}

/** An object or list somewhere in it, and one of its keys. */
function pickPlace(body: Json, dice: Dice): [Json, string] {
  let holder = body;
  for (;;) {
    const keys = Object.keys(holder);
    const key = keys[dice(keys.length)] ?? "model";
    const value = holder[key];
    if (typeof value !== "object" || value === null || Object.keys(value).length === 0 || dice(5) === 0)
      return [holder, key];
    holder = value as Json;
  }
}

const VALUES: unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -1e-308,
  2 ** 60,
  2_147_483_648,
  "",
  "x",
  " ",
  "null",
  "1",
  "\ud800",
  "\udc00x",
  "a\0b",
  "\u202E\u0007\u001B[31m",
  "__proto__",
  "x".repeat(5000),
  "data:image/png;base64,!!!!",
  "data:,",
  "http://127.0.0.1:1/x.png",
  "{",
  '{"a":1}',
  [],
  {},
  [[]],
  [null],
  [{}],
  [""],
  [1, "a", null, {}, []],
  { type: "x" },
  { type: "text" },
  { type: "text", text: 5 },
  { type: "image_url", image_url: null },
  { type: "tool_use", id: 1, name: null, input: "x" },
  { role: "x", content: {} },
  { role: "tool", content: [[]] },
  { role: null, parts: null },
  { function: {} },
  { functionCall: [] },
  { $ref: "#" },
  { toString: 1, valueOf: 2, constructor: 3, hasOwnProperty: 4, length: -1, toJSON: 6 },
  Array.from({ length: 600 }, (_, at) => at),
  Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`k${at}`, at])),
];
const LITERALS = [
  "1e999",
  "-1e999",
  "-0",
  "1E400",
  "123456789012345678901234567890",
  "0.1e-400",
  "NaN",
  "Infinity",
  "undefined",
  "'x'",
  "01",
  "+1",
  ".5",
  "1.",
  "0x10",
  String.raw`"\ud83d"`,
  String.raw`"\udc00\ud800"`,
  String.raw`"\x41"`,
  String.raw`"\u12"`,
  '"\n"',
  "// x",
  "/* x */1",
  "[1,]",
  '{"a":1,}',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
];
const NAMES = [
  "",
  "Model",
  "MESSAGES",
  "content",
  "role",
  "tools",
  "type",
  "toString",
  "constructor",
  "then",
  "0",
  "\ud800",
  "a".repeat(3000),
];
const ODD_BYTES = [
  [0],
  [0xff],
  [0xfe, 0xff],
  [0xef, 0xbb, 0xbf],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x80],
  [0x0d, 0x0a],
  [0x1f, 0x8b],
  [0x7f],
].map((bytes) => Buffer.from(bytes));
