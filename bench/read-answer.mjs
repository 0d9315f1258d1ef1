/**
 * Reads an answer as a strict client of its protocol would: everything parsed, nothing guessed. Returns its text, why
 * it ended, and the usage; throws where something that must be there is not.
 */
export function readAnswer(protocol, text, { stream }) {
  const read = READERS[protocol];
  return stream ? read.stream(text) : read.whole(JSON.parse(text));
}

const READERS = {
  openai: {
    whole: ({ choices: [choice], usage }) =>
      answer(choice.message.content, choice.finish_reason, usage.prompt_tokens, usage.completion_tokens),
    stream(text) {
      const events = readSse(text);
      if (events.pop()?.data !== "[DONE]") throw new Error("the stream does not end with [DONE]");
      const chunks = events.map(({ data }) => JSON.parse(data));
      const choices = chunks.flatMap((chunk) => chunk.choices);
      const usage = chunks.find((chunk) => chunk.usage)?.usage;
      return answer(
        choices.map(({ delta }) => delta.content ?? "").join(""),
        choices.find((choice) => choice.finish_reason)?.finish_reason,
        usage?.prompt_tokens,
        usage?.completion_tokens,
      );
    },
  },
  claude: {
    whole: ({ content, stop_reason: reason, usage }) =>
      answer(
        content.map((block) => block.text ?? "").join(""),
        reason,
        usage.input_tokens,
        usage.output_tokens,
      ),
    stream(text) {
      const events = readSse(text).map(({ event, data }) => {
        const parsed = JSON.parse(data);
        if (parsed.type !== event) throw new Error(`event ${event} carries ${parsed.type}`);
        return parsed;
      });
      if (events[0]?.type !== "message_start" || events.at(-1)?.type !== "message_stop")
        throw new Error("the stream lacks its beginning or its end");
      const deltas = events.filter(({ type }) => type === "content_block_delta");
      const last = events.findLast(({ type }) => type === "message_delta");
      return answer(
        deltas.map(({ delta }) => delta.text ?? "").join(""),
        last?.delta.stop_reason,
        last?.usage.input_tokens ?? events[0].message.usage.input_tokens,
        last?.usage.output_tokens,
      );
    },
  },
  gemini: {
    whole: (body) => readGemini([body]),
    stream: (text) => readGemini(readSse(text).map(({ data }) => JSON.parse(data))),
  },
  ollama: {
    whole: (body) => readOllama([body]),
    stream: (text) =>
      readOllama(
        text
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ),
  },
  "openai-responses": {
    whole: readResponse,
    stream(text) {
      const events = readSse(text).map(({ data }) => JSON.parse(data));
      const last = events.at(-1);
      if (last?.type !== "response.completed") throw new Error(`the stream ends with ${last?.type}`);
      const said = events
        .filter(({ type }) => type === "response.output_text.delta")
        .map(({ delta }) => delta)
        .join("");
      const whole = readResponse(last.response);
      if (said !== whole.text) throw new Error("the deltas are not what the response says at its end");
      return whole;
    },
  },
};

function readGemini(bodies) {
  const candidates = bodies.flatMap((body) => body.candidates ?? []);
  const usage = bodies.at(-1)?.usageMetadata;
  return answer(
    candidates.flatMap(({ content }) => (content?.parts ?? []).map((part) => part.text ?? "")).join(""),
    candidates.findLast(({ finishReason }) => finishReason)?.finishReason,
    usage?.promptTokenCount,
    usage?.candidatesTokenCount,
  );
}

function readOllama(lines) {
  const last = lines.at(-1);
  if (last?.done !== true) throw new Error("the last line is not done");
  return answer(
    lines.map(({ message }) => message.content).join(""),
    last.done_reason,
    last.prompt_eval_count,
    last.eval_count,
  );
}

function readResponse({ output, status, usage }) {
  const parts = output.flatMap(({ content }) => content ?? []);
  return answer(
    parts.map((part) => part.text ?? "").join(""),
    status,
    usage.input_tokens,
    usage.output_tokens,
  );
}

function readSse(text) {
  return text
    .split(/\r?\n\r?\n/)
    .filter((block) => block.trim() !== "" && !block.startsWith(":"))
    .map((block) => {
      const fields = block.split(/\r?\n/);
      const find = (name) =>
        fields
          .find((field) => field.startsWith(`${name}:`))
          ?.slice(name.length + 1)
          .trim();
      return { event: find("event"), data: find("data") };
    });
}

const answer = (text, reason, inputTokens, outputTokens) => ({ text, reason, inputTokens, outputTokens });
