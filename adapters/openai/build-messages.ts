import { completeArgs } from "../call-args.ts";
import { settleCalls } from "../settle-calls.ts";
import { unwrapCustomInput } from "../custom-tools.ts";
import { findTool } from "../tool-ids.ts";
import { buildContent } from "./build-content.ts";
import { buildReasoning, openDetails } from "./build-reasoning.ts";
import { isNativeCustom } from "./build-tools.ts";
import { toSystemMessage } from "./system-message.ts";
import { toWireId } from "./wire-id.ts";
import type {
  AssistantPart,
  MediaPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from "../unified.ts";
import type { BuildContext } from "./build-context.ts";
import type { WireCall, WireMessage } from "./wire.ts";

/**
 * The conversation in wire form. Results of parallel calls become messages right after the calls; what such a message
 * cannot hold (pictures in results, pictures an assistant made) goes into the next user message, with a word on where
 * it comes from.
 */
export function buildMessages(context: BuildContext): WireMessage[] {
  const { request, quirks } = context;
  const system = quirks.developerRole ? ("developer" as const) : ("system" as const);
  const messages: WireMessage[] = [];
  let held: UserPart[] = [];

  const pushSystem = (parts: TextPart[]): void => {
    const marked = quirks.cacheControl && parts.some((part) => part.cache !== undefined);
    const message: WireMessage | undefined = marked
      ? { role: system, content: buildContent(parts, context) }
      : toSystemMessage(system, parts);
    if (message?.content?.length) messages.push(message);
  };
  const pushUser = (parts: UserPart[]): void => {
    messages.push({ role: "user", content: buildContent([...held, ...parts], context) });
    held = [];
  };
  const releaseHeld = (): void => {
    if (held.length) pushUser([]);
  };

  if (request.system) pushSystem(request.system);
  for (const message of settleCalls(request.messages)) {
    switch (message.role) {
      case "system":
        releaseHeld();
        pushSystem(message.content);
        break;
      case "user":
        pushUser(message.content);
        break;
      case "assistant": {
        releaseHeld();
        const wire = buildAssistant(message.content, context);
        if (wire) messages.push(wire);
        const media = message.content.filter((part) => part.type === "media");
        if (media.length) held.push(label("[made by the assistant in its last answer:]"), ...media);
        break;
      }
      case "tool":
        for (const result of message.content) {
          messages.push(buildResult(result, context));
          const media = mediaOf(result);
          if (media.length)
            held.push(
              label(`[result of ${result.name || "tool"}, call ${toWireId(result.id, quirks)}:]`),
              ...media,
            );
        }
        break;
      default:
        message satisfies never;
    }
  }
  releaseHeld();
  return messages;
}

/** Text around calls is put together: the wire form has one text, in front of all calls. */
function buildAssistant(content: AssistantPart[], context: BuildContext): WireMessage | undefined {
  const texts = content.filter((part) => part.type === "text" && part.text !== "");
  const calls = content.filter((part) => part.type === "tool-call");
  if (texts.length === 0 && calls.length === 0) return undefined;
  return {
    role: "assistant",
    // Always there, even as null: vLLM's templates read it unasked.
    content: texts.length ? buildContent(texts as TextPart[], context) : null,
    ...buildReasoning(content, context),
    ...(calls.length && { tool_calls: calls.map((call) => buildCall(call, context)) }),
  };
}

function buildCall(call: ToolCallPart, { request, quirks, toWire }: BuildContext): WireCall {
  const id = toWireId(call.id, quirks);
  const name = toWire(call.name);
  if (isNativeCustom(findTool(request, call.name), quirks.customTools)) {
    return { id, type: "custom", custom: { name, input: unwrapCustomInput(call.args) } };
  }
  const signature = call.signature?.origin === "openai" ? call.signature.value : undefined;
  // One that holds the turn's thoughts is no signature of the call.
  const signed = signature !== undefined &&
    openDetails(signature).length === 0 && { extra_content: { google: { thought_signature: signature } } };
  return { id, type: "function", function: { name, arguments: completeArgs(call.args) }, ...signed };
}

function buildResult(result: ToolResultPart, context: BuildContext): WireMessage {
  const texts = result.content.filter((part) => part.type === "text" && part.text !== "");
  const media = mediaOf(result).length;
  if (media > 0 && texts.length === 0) texts.push(label("[see the next user message]"));
  const [first] = texts;
  // The wire form has no mark for a failed call.
  if (result.isError && !(first?.type === "text" && /^\W*error/i.test(first.text)))
    texts.unshift(label("Error:"));
  return {
    role: "tool",
    tool_call_id: toWireId(result.id, context.quirks),
    content: buildContent(texts, context, "\n"),
  };
}

/** What a tool message cannot hold. Documents that are plain text are text already. */
const mediaOf = (result: ToolResultPart): MediaPart[] =>
  result.content.filter((part) => part.type === "media");

const label = (text: string): TextPart => ({ type: "text", text });
