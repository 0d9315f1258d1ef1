import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { foldEvents } from "../../../adapters/fold.ts";
import { parseRequest } from "../../../adapters/openai/parse-request.ts";
import { parseResponse } from "../../../adapters/openai/parse-response.ts";
import { createStreamParser } from "../../../adapters/openai/parse-stream.ts";
import { writeResponse } from "../../../adapters/openai/write-response.ts";
import { createStreamWriter } from "../../../adapters/openai/write-stream.ts";
import type { StreamEvent } from "../../../adapters/unified.ts";
import { loadJson, loadStream, makeCall, makeContext, request } from "./load.ts";

const text = { type: "text", text: "Good morning." };
const sound = (mimeType: string, data: string) => ({
  type: "media",
  mimeType,
  source: { kind: "base64", data },
});

describe("sound read from a provider", () => {
  it("its transcript is the text, its data one sound, whole and streamed", () => {
    expect(parseResponse(loadJson("responses/audio.json"), request).content).toEqual([
      text,
      sound("audio/wav", "UklGRgQAAABXQVZF"),
    ]);
    const parser = createStreamParser(request);
    const events = [...parser.push(loadStream("audio")), ...parser.end()];
    // The pieces' own padding is not in the middle of the whole.
    const data = Buffer.from([0, 1, 2, 3, 4, 5, 6]).toString("base64");
    expect(foldEvents(events).content).toEqual([text, sound("audio/pcm;rate=24000", data)]);
  });

  it("is of the kind that was asked for", () => {
    const body = {
      choices: [{ message: { audio: { data: "AAEC", transcript: "x" } }, finish_reason: "stop" }],
    };
    const asked = { ...request, extra: { openai: { audio: { format: "mp3", voice: "alloy" } } } };
    expect(parseResponse(body, asked).content[1]).toMatchObject({ mimeType: "audio/mpeg" });
  });

  it("beside a text the transcript says nothing new", () => {
    const message = { content: "Hi", audio: { data: "AAEC", transcript: "Hi" } };
    const result = parseResponse({ choices: [{ message, finish_reason: "stop" }] }, request);
    expect(result.content).toMatchObject([{ type: "text", text: "Hi" }, { type: "media" }]);
  });
});

const spoken: StreamEvent[] = [
  { type: "start" },
  { type: "text-delta", text: "Good " },
  {
    type: "media",
    media: { type: "media", mimeType: "audio/wav", source: { kind: "base64", data: "UklG" } },
  },
  { type: "text-delta", text: "morning." },
  { type: "finish", reason: "stop" },
];

describe("sound written to a client", () => {
  it("whole and streamed, as the SDK reads it", async () => {
    const audio = {
      id: expect.stringMatching(/^audio_/),
      data: "UklG",
      transcript: "Good morning.",
      expires_at: 1_750_000_000,
    };
    expect(writeResponse(foldEvents(spoken), makeContext())).toMatchObject({
      choices: [{ message: { content: "Good morning.", audio } }],
    });
    const frames = createStreamWriter(makeContext()).push(spoken);
    const sdk = new OpenAI({
      apiKey: "none",
      fetch: () =>
        Promise.resolve(new Response(frames, { headers: { "content-type": "text/event-stream" } })),
    });
    const helper = sdk.chat.completions.stream({ model: "m", messages: [{ role: "user", content: "hi" }] });
    const { choices } = await helper.finalChatCompletion();
    expect(choices[0]?.message).toMatchObject({ content: "Good morning.", audio });
  });

  it("is no picture; a second one stands among them, and is not lost", () => {
    const more: StreamEvent[] = [
      {
        type: "media",
        media: { type: "media", mimeType: "audio/wav", source: { kind: "base64", data: "AA==" } },
      },
      {
        type: "media",
        media: { type: "media", mimeType: "image/png", source: { kind: "base64", data: "AQ==" } },
      },
    ];
    const result = foldEvents([...spoken.slice(0, 3), ...more, { type: "finish", reason: "stop" }]);
    expect(writeResponse(result, makeContext())).toMatchObject({
      choices: [
        {
          message: {
            audio: { data: "UklG" },
            images: [
              { index: 0, image_url: { url: "data:audio/wav;base64,AA==" } },
              { index: 1, image_url: { url: "data:image/png;base64,AQ==" } },
            ],
          },
        },
      ],
    });
  });
});

describe("sound in a request", () => {
  const parse = (body: object) =>
    parseRequest({ model: "m", messages: [{ role: "user", content: "hi" }], ...body }, makeCall());

  it("a spoken answer is asked only of a provider of this protocol", () => {
    expect(
      parse({ modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } }).nativeOnly,
    ).toMatch(/^modalities: /);
    expect(parse({ modalities: ["text"] }).nativeOnly).toBeUndefined();
  });

  it("an answer spoken before is its transcript; by its id alone only its maker knows it", () => {
    const kept = { role: "assistant", content: null, audio: { id: "audio_1", transcript: "Good morning." } };
    const user = { role: "user", content: "hi" };
    expect(parse({ messages: [user, kept, user] }).messages[1]).toEqual({
      role: "assistant",
      content: [text],
    });
    const byId = { role: "assistant", content: null, audio: { id: "audio_1" } };
    expect(parse({ messages: [user, byId, user] }).nativeOnly).toMatch(/^messages\[1\]\.audio\.id: /);
  });

  it("sound and files by URL are read", () => {
    const content = [
      { type: "audio_url", audio_url: { url: "https://a.example/sound" } },
      { type: "file", file: { file_url: "https://a.example/paper.pdf" } },
    ];
    expect(parse({ messages: [{ role: "user", content }] }).messages[0]?.content).toMatchObject([
      { mimeType: "audio/mpeg", source: { kind: "url" } },
      { mimeType: "application/pdf", source: { kind: "url", url: "https://a.example/paper.pdf" } },
    ]);
  });
});
