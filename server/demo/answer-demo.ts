import { toGoTime, toLocalGoTime } from "../../adapters/go-time.ts";
import { writeNdjson } from "../../adapters/ndjson.ts";
import { withTag } from "../../adapters/model-tag.ts";
import { isObject, type Json } from "../../adapters/validate.ts";
import { findDemoCall, type DemoCall } from "./call.ts";
import { toExample } from "./example.ts";
import { readDemoTurn, type DemoTurn } from "./turn.ts";

/** Stands in a provider's configuration for "answered in process"; no such host can exist. */
export const DEMO_BASE_URL = "http://demo.invalid";

export interface DemoAnswer {
  status: number;
  headers: Record<string, string>;
  /** Pieces of the body, one network write each. */
  chunks: string[];
}

/**
 * The built-in provider `demo`: answers as an Ollama would, from a script, so that a client's wiring can be tried
 * before any provider is configured. It is no AI and says so. It has no native tools; where tools are described in
 * the prompt (`<tools>` with a JSON object per line) it writes a call as text when the user asks for one, and puts a
 * tool's result into words. `now` is milliseconds since 1970.
 */
export function answerDemo(
  request: { path: string; body: Record<string, unknown> },
  now: () => number = Date.now,
): DemoAnswer {
  const { path, body } = request;
  switch (path) {
    case "/api/chat":
    case "/api/generate":
      return answerTurn(path, body, now);
    case "/api/tags": {
      const { model_info: _info, ...listing } = describe(now);
      return full(200, { models: [{ name: "demo:latest", model: "demo:latest", ...listing }] });
    }
    case "/api/show":
      return full(200, {
        license: "",
        modelfile: "",
        parameters: "",
        template: "{{ .Prompt }}",
        ...describe(now),
      });
    case "/api/version":
      return full(200, { version: "0.33.0" });
    case "/api/ps":
      return full(200, { models: [] });
    case "/api/embed":
    case "/api/embeddings":
      return full(400, {
        error: "this model does not support embeddings: it is the demo, a scripted stand-in",
      });
    default:
      return { status: 404, headers: { "content-type": "text/plain" }, chunks: ["404 page not found"] };
  }
}

function answerTurn(path: string, body: Json, now: () => number): DemoAnswer {
  const model = typeof body.model === "string" ? body.model : "demo";
  if (Array.isArray(body.tools) && body.tools.length > 0) {
    return full(400, { error: `registry.ollama.ai/library/${withTag(model)} does not support tools` });
  }
  const turn = readDemoTurn(body);
  const words = toPieces(toAnswer(turn, body.format));
  const head = { model, created_at: toGoTime(now()) };
  const isChat = path === "/api/chat";
  const say = (text: string): Json =>
    isChat ? { message: { role: "assistant", content: text } } : { response: text };
  const end = {
    done: true,
    done_reason: "stop",
    total_duration: 1_000_000,
    load_duration: 1,
    prompt_eval_count: Math.max(1, Math.ceil(turn.promptLength / 4)),
    prompt_eval_duration: 1,
    eval_count: words.length,
    eval_duration: 1_000_000,
  };
  if (body.stream === false) return full(200, { ...head, ...say(words.join("")), ...end });
  const lines = words.map((word) => writeNdjson({ ...head, ...say(word), done: false }));
  return {
    status: 200,
    headers: { "content-type": "application/x-ndjson" },
    chunks: [...lines, writeNdjson({ ...head, ...say(""), ...end })],
  };
}

function toAnswer(turn: DemoTurn, format: unknown): string {
  if (isObject(format)) return JSON.stringify(toExample(format, turn.text));
  if (format === "json")
    return JSON.stringify({ answer: turn.text, from: "demo, a scripted stand-in, not an AI" });
  if (turn.result !== undefined) return `The tool answered: ${turn.result}\n\n(${WHO})`;
  const call = findDemoCall(turn.tools, turn.text);
  return call ? writeCall(call) : greet(turn);
}

function writeCall(call: DemoCall): string {
  const json = JSON.stringify({ name: call.name, arguments: call.args });
  return `I will use the tool ${call.name}.\n<tool_call>\n${json}\n</tool_call>`;
}

function greet({ text, images, tools }: DemoTurn): string {
  const heard = text === "" ? "You sent no text." : `You wrote: “${text}”`;
  const seen =
    images === 0 ? "" : ` You also sent ${images === 1 ? "an image" : `${images} images`}, unseen here.`;
  const names = tools.slice(0, 5).map((tool) => tool.name);
  const offer = names.length ? `\n\nName one of your tools (${names.join(", ")} …) and I will call it.` : "";
  return `Hello from ${WHO} ${heard}${seen}\n\n${NEXT}${offer}`;
}

/** Words with the space behind them, so that a stream has many small pieces and loses none. */
const toPieces = (text: string): string[] => text.match(/\S+\s*|\s+/g) ?? [""];

function describe(now: () => number): Json {
  return {
    modified_at: toLocalGoTime(now()),
    size: 0,
    digest: "0".repeat(64),
    details: {
      parent_model: "",
      format: "gguf",
      family: "demo",
      families: ["demo"],
      parameter_size: "0",
      quantization_level: "unknown",
    },
    model_info: {
      "general.architecture": "demo",
      "general.basename": "demo",
      "demo.context_length": 131_072,
    },
    capabilities: ["completion"],
  };
}

const full = (status: number, value: unknown): DemoAnswer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8" },
  chunks: [JSON.stringify(value)],
});

const WHO = "the demo provider of ccproxy: a script that stands in for a model, not an AI.";
const NEXT =
  "If you can read this, everything between your app and me works. Configure a provider (`ccproxy provider add`) and a real model will answer in my place.";
