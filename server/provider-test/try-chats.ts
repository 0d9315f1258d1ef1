import type { GatewayError } from "../../adapters/errors.ts";
import type { UnifiedRequest } from "../../adapters/unified.ts";
import type { Deps } from "../deps.ts";
import { readRefusal } from "../learned-limits.ts";
import { advise } from "./advise.ts";
import { askOnce, type Asked, type TestedTarget } from "./ask-once.ts";
import type { Step, StepId } from "./step.ts";

export interface Trying {
  target: TestedTarget;
  deps: Pick<Deps, "adapters" | "upstream">;
  id: string;
  key: string | undefined;
  /** Milliseconds that are left. */
  left: () => number;
}

type TryingModel = Trying & { model: string };

/** A few tokens in one body. */
export async function tryChat(
  trying: TryingModel,
): Promise<{ step: Step; error?: GatewayError; date?: number }> {
  const { model } = trying;
  const asked = await ask(trying, {
    model,
    messages: say("Reply with the one word OK."),
    sampling: FEW,
    stream: false,
  });
  const { ms, error } = asked;
  const date = asked.date === undefined ? {} : { date: asked.date };
  if (error) return { step: toFailed("chat", error, trying, ms), error, ...date };
  return { step: { id: "chat", outcome: "ok", message: `${model} answers`, ms }, ...date };
}

/** Whether the model calls a tool it is plainly asked to call. */
export async function tryTools(trying: TryingModel): Promise<Step> {
  const { model, id } = trying;
  const asked = await ask(trying, {
    model,
    messages: say("What is the weather in Paris? Find out with the tool get_weather."),
    tools: [WEATHER],
    toolChoice: "auto",
    sampling: { maxTokens: 512 },
    stream: false,
  });
  const compat = `nothing to do: tools 'auto' and 'compat' teach it; to try: ccproxy model add ${quote(model)} ${quote(`${id}/${model}`)} --tools compat`;
  if (asked.error) {
    return readRefusal(asked.error) === "tools"
      ? {
          id: "tools",
          outcome: "warn",
          message: `${model} has no tools of its own`,
          fix: compat,
          ms: asked.ms,
        }
      : toFailed("tools", asked.error, trying, asked.ms);
  }
  const call = asked.result?.content.find((part) => part.type === "tool-call");
  return call?.type === "tool-call" && call.name === WEATHER.name
    ? { id: "tools", outcome: "ok", message: `${model} calls tools`, ms: asked.ms }
    : {
        id: "tools",
        outcome: "warn",
        message: `${model} was offered a tool and did not call it`,
        fix: compat,
        ms: asked.ms,
      };
}

/** Whether an answer comes in pieces. */
export async function tryStream(trying: TryingModel): Promise<Step> {
  const { model } = trying;
  const asked = await ask(trying, {
    model,
    messages: say("Count from 1 to 5."),
    sampling: FEW,
    stream: true,
  });
  if (asked.error) {
    return readRefusal(asked.error) === "streaming"
      ? {
          id: "stream",
          outcome: "warn",
          message: `${model} does not stream`,
          fix: "nothing to do: answers come in one piece",
          ms: asked.ms,
        }
      : toFailed("stream", asked.error, trying, asked.ms);
  }
  if (!asked.streamed)
    return {
      id: "stream",
      outcome: "warn",
      message: "a stream was asked for, one body came",
      fix: "nothing to do: answers come in one piece",
      ms: asked.ms,
    };
  const first = Math.round(asked.firstMs ?? asked.ms);
  return { id: "stream", outcome: "ok", message: `first words after ${first} ms`, ms: asked.ms };
}

async function ask({ target, deps, left }: Trying, request: UnifiedRequest): Promise<Asked> {
  const ms = left();
  // Slower than that is slow, not broken, and said so; the test itself must end.
  const limited = {
    ...target,
    provider: { ...target.provider, timeouts: { ...target.provider.timeouts, total: ms } },
  };
  return askOnce(limited, request, deps, AbortSignal.timeout(ms + 100));
}

function toFailed(id: StepId, error: GatewayError, trying: Trying, ms: number): Step {
  const fix = advise(error, trying);
  if (error.kind === "timeout" || error.kind === "cancelled")
    return { id, outcome: "fail", message: `no answer within ${Math.round(ms / 100) / 10} s`, fix, ms };
  // A few tokens are too few for some that think first.
  const tooFew =
    error.kind === "invalid-request" && /max_?(?:completion_|output_)?_?tokens/i.test(error.message);
  return {
    id,
    outcome: tooFew || error.kind === "rate-limit" ? "warn" : "fail",
    message: error.message,
    fix,
    ms,
  };
}

const say = (text: string): UnifiedRequest["messages"] => [
  { role: "user", content: [{ type: "text", text }] },
];
const quote = (word: string): string => (/^[\w./:@-]+$/.test(word) ? word : `'${word}'`);

/** OpenAI's Responses take no less than 16. */
const FEW = { maxTokens: 16 };
const WEATHER = {
  name: "get_weather",
  description: "The weather in a city.",
  parameters: {
    type: "object",
    properties: { city: { type: "string", description: "The city's name." } },
    required: ["city"],
  },
};
