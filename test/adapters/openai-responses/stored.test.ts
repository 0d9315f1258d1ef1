import { describe, expect, it } from "vitest";
import type { Call, StoredAnswer, StoredAnswers } from "../../../adapters/adapter.ts";
import { isObject } from "../../../adapters/validate.ts";
import { call, client, context, parse } from "./load.ts";

const { stored } = client;
if (!stored) throw new Error("the protocol keeps answers");

const A = `resp_${"A".repeat(24)}`;
const B = `resp_${"B".repeat(24)}`;
const itemOf = (id: string, kind: string, rest: string): string =>
  `${kind}_${id.slice("resp_".length)}${rest}`;
const said = itemOf(A, "msg", "0");
const answerA: StoredAnswer = {
  id: A,
  input: [{ role: "user", content: "one" }],
  answer: { id: A, output: [{ type: "message", id: said, role: "assistant", content: "two" }] },
};
const ref = (id: string) => ({ type: "item_reference", id });
const found = (...answers: StoredAnswer[]): StoredAnswers =>
  new Map(answers.map((answer) => [answer.id, answer]));
const ask = (body: object) => ({ model: "m", ...body });

describe("findNeeded", () => {
  it("asks for what is referred to, each once, the newest first", () => {
    const body = ask({
      previous_response_id: A,
      input: [ref(itemOf(B, "fc", "1")), ref(itemOf(`resp_${"C".repeat(24)}`, "rs", "0"))],
    });
    const looked = new Map<string, undefined>();
    const asked: string[] = [];
    for (let id = stored.findNeeded(body, looked); id !== undefined; id = stored.findNeeded(body, looked)) {
      asked.push(id);
      looked.set(id, undefined);
    }
    expect(asked).toEqual([A, `resp_${"C".repeat(24)}`, B]);
  });

  it("looks no further when an answer's conversation holds the item", () => {
    const all: StoredAnswer = {
      id: B,
      input: [...answerA.input, { type: "message", id: said, role: "assistant", content: "two" }],
      answer: { output: [] },
    };
    expect(stored.findNeeded(ask({ input: [ref(said)] }), found(all))).toBeUndefined();
  });

  it.each([
    null,
    5,
    [],
    "x",
    {},
    { previous_response_id: 5 },
    { previous_response_id: "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b" },
    { previous_response_id: `${A}x` },
    { input: "x" },
    { input: [null, 5, "x", {}, { type: "item_reference" }, { type: "item_reference", id: 5 }] },
    { input: [{ id: "msg_67ccd3acc8d48190a77525dc6de64b4104becb25c45c1d41" }] },
  ])("needs nothing for %j", (body) => {
    expect(stored.findNeeded(body, new Map())).toBeUndefined();
    expect(stored.expand(body, found(answerA))).toBe(body);
  });
});

describe("expand", () => {
  it("puts the conversation in front, and changes nothing of what it was given", () => {
    const body = Object.freeze(ask({ previous_response_id: A, input: "three", store: true }));
    const expanded = stored.expand(body, found(answerA));
    expect(expanded).toEqual(
      expect.objectContaining({
        model: "m",
        store: true,
        input: [
          ...answerA.input,
          ...(answerA.answer.output as unknown[]),
          { type: "message", role: "user", content: "three" },
        ],
      }),
    );
    expect(JSON.stringify(expanded)).not.toContain("previous");
    const request = parse(expanded);
    expect(request.nativeOnly).toBeUndefined();
    const written = client.writeResponse({ content: [], finishReason: "stop" }, context(request));
    expect(written).toMatchObject({ previous_response_id: A, store: true });
    expect(
      client.writeResponse({ content: [], finishReason: "stop" }, context(parse(ask({ input: "x" })))),
    ).toMatchObject({ previous_response_id: null });
  });

  it("goes on without new input", () => {
    expect(stored.expand(ask({ previous_response_id: A }), found(answerA))).toHaveProperty("input.length", 2);
  });

  it("leaves a wrong input to be refused", () => {
    const body = ask({ previous_response_id: A, input: 5 });
    expect(() => parse(stored.expand(body, found(answerA)))).toThrow("input: expected string or array");
  });

  it("finds items by the ids under which they are listed", () => {
    const page = stored.answer(
      { ...call, job: "stored", variant: "input-items", params: { id: A } },
      answerA,
    );
    const [first] =
      isObject(page.body) && Array.isArray(page.body.data) ? (page.body.data as { id: string }[]) : [];
    const expanded = stored.expand(ask({ input: [ref(first?.id ?? "")] }), found(answerA));
    expect(expanded).toHaveProperty("input", answerA.input);
    expect(stored.findNeeded(ask({ input: [ref(first?.id ?? "")] }), new Map())).toBe(A);
  });

  it("keeps a reference to what is not known, and notes it", () => {
    const body = ask({ input: [ref(itemOf(A, "msg", "7")), ref("msg_x"), { role: "user", content: "x" }] });
    expect(stored.expand(body, found(answerA))).toBe(body);
    expect(parse(body).unread).toEqual(["item_reference"]);
  });
});

it.each([
  [{ store: false, input: "x" }, { id: A }],
  [{ input: "x" }, {}],
  [{ input: "x" }, undefined],
  [null, { id: A }],
  [{ input: 5 }, { id: A }],
])("nothing is kept of %j with %j", (body, answer) => {
  expect(stored.toStored(body, answer)).toBeUndefined();
});

it.each([{ store: true }, { store: null }, {}])("an answer is kept with %j", (body) => {
  const input = [{ type: "message", role: "user", content: "x" }];
  expect(stored.toStored({ ...body, input: "x" }, { id: A })).toEqual({ id: A, input, answer: { id: A } });
});

describe("lists", () => {
  const many: StoredAnswer = {
    id: A,
    input: Array.from({ length: 25 }, (_, index) => ({ role: "user", content: `${index}` })),
    answer: {},
  };
  const list = (search: string) => {
    const listing: Call = {
      job: "stored",
      variant: "input-items",
      params: { id: A },
      query: new URLSearchParams(search),
      headers: {},
    };
    const body = stored.answer(listing, many).body as {
      data: { id: string; content: { text: string }[] }[];
      has_more: boolean;
      last_id: string;
    };
    return { ...body, texts: body.data.map(({ content }) => content[0]?.text) };
  };

  it("are cut into pages", () => {
    const first = list("order=asc");
    expect(first.texts).toHaveLength(20);
    expect(first.has_more).toBe(true);
    const second = list(`order=asc&after=${first.last_id}`);
    expect(second.texts).toEqual(["20", "21", "22", "23", "24"]);
    expect(second.has_more).toBe(false);
    expect(list("limit=2").texts).toEqual(["24", "23"]);
  });

  it("without items are empty", () => {
    const listing: Call = { ...call, job: "stored", variant: "input-items", params: { id: A } };
    expect(stored.answer(listing, { ...many, input: [] }).body).toEqual({
      object: "list",
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
  });
});

describe("a body that others answered parts of, on its way to a provider of its own", () => {
  const clean = (...input: unknown[]): unknown => client.editRequest({ model: "m", input }, {}).input;

  it("loses foreign thoughts and thoughts that exist only here", () => {
    const own = { type: "reasoning", id: "rs_6", summary: [], encrypted_content: "gAAA" };
    const referred = { type: "reasoning", id: "rs_67ccd3acc8d48190", summary: [] };
    expect(
      clean(
        own,
        referred,
        { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "ccproxy.claude.EqQB" },
        { type: "reasoning", id: itemOf(A, "rs", "0"), summary: [{ type: "summary_text", text: "x" }] },
      ),
    ).toEqual([own, referred]);
  });

  it("loses ids that were made here, and no others", () => {
    const foreign = { type: "message", id: "msg_1", role: "assistant", content: "x" };
    expect(
      clean(
        foreign,
        { type: "function_call", id: itemOf(A, "fc", "1"), call_id: "c", name: "t", arguments: "{}" },
        "x",
        5,
      ),
    ).toEqual([foreign, { type: "function_call", call_id: "c", name: "t", arguments: "{}" }, "x", 5]);
  });
});
