import { ResponseStream } from "openai/lib/responses/ResponseStream";
import { describe, expect, it } from "vitest";
import { foldEvents } from "../../../adapters/fold.ts";
import type { Citation, StreamEvent } from "../../../adapters/unified.ts";
import { client, context, listOf, loadStream, parse, plain, provider, writeEvents } from "./load.ts";

const page: Citation = { url: "https://a.example", title: "A", quote: "words", start: 4, end: 9 };
const whole: Citation = { url: "https://b.example" };
const document: Citation = { title: "report.pdf", quote: "a line", start: 0, end: 3 };
const nameless: Citation = { quote: "only words" };
const answer: StreamEvent[] = [
  { type: "text-delta", text: "The first" },
  { type: "citation", citation: whole },
  { type: "citation", citation: page },
  { type: "text-delta", text: " of many" },
  { type: "citation", citation: document },
  { type: "citation", citation: nameless },
  { type: "finish", reason: "stop" },
];
const annotations = [
  { type: "url_citation", end_index: 9, start_index: 4, title: "A", url: "https://a.example" },
  { type: "file_citation", file_id: "", filename: "report.pdf", index: 3 },
  { type: "url_citation", end_index: 17, start_index: 0, title: "", url: "https://b.example" },
];
const partOf = (response: unknown): Record<string, unknown> | undefined =>
  listOf(listOf((response as { output: unknown }).output)[0]?.content)[0];

describe("sources of other providers", () => {
  const events = writeEvents(answer);

  it("are annotations, those about all of a text behind the others", () => {
    const added = events.filter(({ type }) => type === "response.output_text.annotation.added");
    expect(added.map(({ annotation }) => annotation)).toEqual(annotations);
    expect(added.map(({ annotation_index }) => annotation_index)).toEqual([0, 1, 2]);
    expect(added[0]).toMatchObject({ item_id: `msg_${"R".repeat(24)}0`, output_index: 0, content_index: 0 });
    expect(partOf(events.at(-1)?.response)).toMatchObject({ text: "The first of many", annotations });
    const types = events.map(({ type }) => type);
    expect(types.lastIndexOf("response.output_text.annotation.added")).toBeLessThan(
      types.indexOf("response.output_text.done"),
    );
  });

  it("are the same in a full answer", () => {
    expect(partOf(client.writeResponse(foldEvents(answer), context(plain())))).toEqual(
      partOf(events.at(-1)?.response),
    );
  });

  it("are understood by the official SDK", async () => {
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    const final = await ResponseStream.fromReadableStream(new Blob([lines]).stream()).finalResponse();
    expect(partOf(final)?.annotations).toEqual(annotations);
  });
});

/** A message item of a provider, whose annotations count from the beginning of its own part. */
const message = (id: string, text: string, ...list: object[]): object => ({
  id,
  type: "message",
  status: "completed",
  role: "assistant",
  content: [{ type: "output_text", text, annotations: list, logprobs: [] }],
});
const cite = (start_index: number, end_index: number) => ({
  type: "url_citation",
  start_index,
  end_index,
  title: "t",
  url: "https://a.example",
});
const search = {
  id: "ws_1",
  type: "web_search_call",
  status: "completed",
  action: { type: "search", query: "q" },
};
const read = (output: object[]) =>
  provider.parseResponse({ id: "resp_1", object: "response", status: "completed", output }, plain());

describe("sources of a provider", () => {
  it("count from the beginning of the text that their part became one of", () => {
    const { content } = read([
      message("msg_1", "One.", cite(0, 3)),
      message("msg_2", "Two.", cite(0, 3), { type: "file_path", file_id: "f", index: 2 }),
    ]);
    expect(content).toMatchObject([
      {
        text: "One.\n\nTwo.",
        citations: [
          { url: "https://a.example", title: "t", start: 0, end: 3, native: { body: cite(0, 3) } },
          { start: 6, end: 9, native: { body: cite(6, 9) } },
          { native: { body: { type: "file_path", file_id: "f", index: 8 } } },
        ],
      },
    ]);
  });

  it("an item that only this protocol knows stands between texts here, and not elsewhere", () => {
    const output = [message("msg_1", "One.", cite(0, 3)), search, message("msg_2", "Two.", cite(1, 3))];
    const result = read(output);
    const back = client.writeResponse(result, context(plain())) as { output: unknown };
    expect(listOf(back.output)).toMatchObject([
      { content: [{ text: "One.", annotations: [cite(0, 3)] }] },
      search,
      { content: [{ text: "Two.", annotations: [cite(1, 3)] }] },
    ]);
    const [, , second] = result.content;
    expect(second).toMatchObject({ text: "\n\nTwo.", citations: [{ start: 7, end: 9 }] });
  });

  it("come once, whether told on the way, at the end, or both", () => {
    const parser = provider.createStreamParser(plain());
    const events = [...parser.push(loadStream("cited")), ...parser.end()];
    const told = events.flatMap((event) => (event.type === "citation" ? [event.citation] : []));
    expect(told.map(({ url, title, start, end }) => [url, title, start, end])).toEqual([
      ["https://example.org/a", "A", 0, 5],
      ["https://example.org/b", "B", 6, 11],
      [undefined, "notes.txt", undefined, undefined],
    ]);
  });

  it("stay with the text in a conversation that goes on", () => {
    const input = [{ role: "user", content: "Hi" }, message("msg_1", "One.", cite(0, 3))];
    const request = parse({ model: "m", input });
    expect(request.messages[1]).toMatchObject({ content: [{ citations: [{ url: "https://a.example" }] }] });
    const { body } = provider.buildRequest(request);
    expect(listOf(body?.input)[1]).toMatchObject({
      content: [{ type: "output_text", text: "One.", annotations: [cite(0, 3)] }],
    });
    const foreign = [{ type: "text" as const, text: "One.", citations: [page] }];
    const other = provider.buildRequest(plain({ messages: [{ role: "assistant", content: foreign }] }));
    expect(other.body?.input).toEqual([
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "One." }] },
    ]);
  });
});
