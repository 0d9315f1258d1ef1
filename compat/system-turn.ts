import type { Message, UnifiedRequest } from "../adapters/unified.ts";
import { perName } from "./per-name.ts";

/**
 * The request for a model whose template has no system role: Gemma's up to 3 put such a text before the first words of
 * the user, or refuse it (Gemma 1 and 2, Gemini's API). Here it goes where the newer templates put it.
 */
export function withSystemInTurn(request: UnifiedRequest, model: string): UnifiedRequest {
  const { system, ...rest } = request;
  if (!system?.length || !isSystemless(model)) return request;
  const text = system.map((part) => part.text).join("\n\n");
  const [first, ...others] = request.messages;
  if (first?.role !== "user")
    return { ...rest, messages: [{ role: "user", content: [{ type: "text", text }] }, ...request.messages] };
  const [part, ...parts] = first.content;
  const begun: Message =
    part?.type === "text"
      ? { ...first, content: [{ ...part, text: `${text}\n\n${part.text}` }, ...parts] }
      : { ...first, content: [{ type: "text", text }, ...first.content] };
  return { ...rest, messages: [begun, ...others] };
}

/** `gemma-7b` is one of the first, `gemma-4-31b` is not; FunctionGemma has a role of its own for it. */
const isSystemless = perName((model) =>
  /(?<!function)gemma(?!-?[4-9](?:[^b\d]|$))/.test(model.toLowerCase()),
);
