import type { Call, WriteContext } from "../adapter.ts";
import { toGoTime } from "../go-time.ts";
import type { UnifiedRequest } from "../unified.ts";
import { readExtra } from "./read-extra.ts";
import { renderPrompt } from "./render-prompt.ts";

/**
 * The answer to an empty prompt, with which clients load or unload a model, and to the question how a prompt would look
 * (`_debug_render_only`). No provider is asked. One JSON object, even where a stream was asked for; no counts, no
 * durations.
 */
export function answerDirectly(
  request: UnifiedRequest,
  call: Call,
  context: WriteContext,
): Record<string, unknown> | undefined {
  const { load, render } = readExtra(request);
  if (load === undefined && !render) return undefined;
  const head = { model: request.model, created_at: toGoTime(context.now()) };
  const say = (role: string): Record<string, unknown> =>
    call.variant === "generate" ? { response: "" } : { message: { role, content: "" } };
  if (load !== undefined) return { ...head, ...say("assistant"), done: true, done_reason: load };
  const { text, images } = renderPrompt(request);
  const prompt = { rendered_template: text, ...(images && { image_count: images }) };
  // Ollama leaves everything else at its zero.
  return { ...head, ...say(""), done: false, _debug_info: prompt };
}
