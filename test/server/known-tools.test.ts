import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isObject } from "../../adapters/validate.ts";
import { checkText, refuseProtoKeys, TEXT_LIMITS } from "../../server/body-limits.ts";
import { createKnownTools, type ShortText } from "../../server/known-tools.ts";

const tool = (name: string, more: object = {}) => ({
  name,
  description: `Says "${name}" – in words, and in [brackets], {braces} and \\ strokes. `.repeat(8),
  input_schema: { type: "object", properties: { a: { type: "string" }, b: { type: "number" } } },
  ...more,
});
const tools = [tool("first"), tool("second")];

/** What a text is, or what is thrown for it. */
const plainly = (text: string): unknown => {
  checkText(text);
  const body: unknown = JSON.parse(text);
  refuseProtoKeys(text, body);
  return body;
};

/** One that knows the tools of these texts. */
const knowing = (...texts: string[]) => {
  const known = createKnownTools();
  for (const text of texts) {
    known.learn(text, JSON.parse(text));
    known.learn(text, JSON.parse(text));
  }
  return known;
};
const bodyOf = (list: unknown, indent?: number): string => `{"tools":${JSON.stringify(list, null, indent)}}`;

describe("createKnownTools", () => {
  it("knows tools that came twice, wherever they stand", () => {
    const known = createKnownTools();
    const text = JSON.stringify({ model: "m", messages: [{ role: "user", content: '"tools":[' }], tools });
    known.learn(text, JSON.parse(text));
    expect(known.read(text)).toBeUndefined();
    known.learn(text, JSON.parse(text));
    expect(known.read(text)).toEqual(JSON.parse(text));
    const other = JSON.stringify({ tools, model: "n", messages: [{ tools: 1 }] });
    const [one, two] = [known.read(other), known.read(text)];
    expect(one).toEqual(JSON.parse(other));
    expect(JSON.stringify(one)).toBe(other);
    expect(isObject(one) && isObject(two) && one.tools === two.tools).toBe(true);
  });

  it("tells what else there is to read, and where it stands", () => {
    const known = knowing(bodyOf(tools));
    const text = JSON.stringify({ before: "a", tools, after: "b" });
    let short: ShortText | undefined;
    known.read(text, (found) => (short = found));
    expect(short?.text.length).toBeLessThan(100);
    for (const word of ['"before"', '"a"', '"tools"', '"after"', '"b"']) {
      const place = short?.toPlace(short.text.indexOf(word)) ?? -1;
      expect(text.slice(place, place + word.length)).toBe(word);
    }
    expect(short?.toPlace(short.text.length)).toBe(text.length);
  });

  it("gives what nobody can change", () => {
    const body = knowing(bodyOf(tools)).read(bodyOf(tools)) as { tools: typeof tools };
    expect(Object.isFrozen(body.tools)).toBe(true);
    expect(Object.isFrozen(body.tools[1]?.input_schema.properties.a)).toBe(true);
  });

  it("gives what JSON.parse does, or leaves it to that", () => {
    const known = knowing(bodyOf(tools), bodyOf([tool("third")], 1), bodyOf([tool("ö🙂")]));
    const lists = fc.constantFrom<unknown>(
      tools,
      tools.toReversed(),
      [tool("third")],
      [tool("ö🙂")],
      [...tools, 1],
    );
    const value = fc.oneof(
      { weight: 4, arbitrary: lists },
      fc.jsonValue({ maxDepth: 2 }),
      fc.record({ tools: lists }),
    );
    const key = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('"tools"', '"tools"', '"model"') },
      fc.constantFrom(String.raw`"tool\u0073"`, '"__proto__"'),
    );
    const indent = fc.constantFrom(undefined, undefined, 1);
    const entry = fc.tuple(key, value, fc.constantFrom(":", " : "), indent);
    const body = fc.array(entry, { maxLength: 4 }).map((entries) => {
      const inner = entries.map(
        ([name, held, colon, spaces]) => name + colon + JSON.stringify(held, null, spaces),
      );
      return `{${inner.join(",")}}`;
    });
    const torn = fc
      .tuple(body, fc.nat(), fc.constantFrom("", '"', "[", "\\", '"tools":'))
      .map(([text, at, put]) => {
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + put + text.slice(cut);
      });
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(body, torn), (text) => {
        const found = known.read(text);
        if (found === undefined) return;
        read++;
        const plain = plainly(text);
        expect(found).toEqual(plain);
        expect(JSON.stringify(found)).toBe(JSON.stringify(plain));
      }),
      { numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(50);
  });

  it("counts what is known towards the limits", () => {
    const known = knowing(bodyOf(tools));
    const { keys } = checkText(bodyOf(tools));
    const full = (more: number): string => {
      const many = `[${'{"k":1},'.repeat(TEXT_LIMITS.keys - keys - 1 + more)}1]`;
      return `{"many":${many},"tools":${JSON.stringify(tools)}}`;
    };
    expect(known.read(full(0))).toBeDefined();
    expect(known.read(full(1))).toBeUndefined();
    expect(() => checkText(full(0))).not.toThrow();
    expect(() => checkText(full(1))).toThrow("keys");
  });

  it("leaves keys that are refused to who refuses them", () => {
    const known = knowing(bodyOf(tools));
    expect(known.read(`{"__proto__":1,"tools":${JSON.stringify(tools)}}`)).toBeUndefined();
  });

  it("takes none of the mark's words for tools", () => {
    const known = createKnownTools("mark");
    for (let time = 0; time < 2; time++) known.learn(bodyOf(tools), JSON.parse(bodyOf(tools)));
    expect(known.read(`{"a":${bodyOf(tools)},"tools":1}`)).toBeUndefined();
    expect(known.read(`{"a":${bodyOf(tools)}}`)).toBeUndefined();
  });

  it("forgets those asked for longest ago", () => {
    const known = createKnownTools();
    const texts = Array.from({ length: 17 }, (_, at) => bodyOf([tool("x".repeat(at + 1))]));
    for (const text of texts) for (let time = 0; time < 2; time++) known.learn(text, JSON.parse(text));
    expect(known.read(texts[0] as string)).toBeUndefined();
    for (const text of texts.slice(1)) expect(known.read(text)).toEqual(JSON.parse(text));
  });

  it("keeps no more than so much, and nothing long or short", () => {
    const known = createKnownTools();
    const of = (length: number): string => bodyOf([{ name: "x".repeat(length) }]);
    for (const length of [10, 450_000]) {
      for (let time = 0; time < 2; time++) known.learn(of(length), JSON.parse(of(length)));
      expect(known.read(of(length))).toBeUndefined();
    }
    const long = [300_000, 300_001, 300_002, 300_003].map(of);
    for (const text of long) for (let time = 0; time < 2; time++) known.learn(text, JSON.parse(text));
    expect(long.filter((text) => known.read(text) !== undefined)).toEqual(long.slice(1));
  });
});
