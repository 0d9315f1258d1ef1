import type {
  AssistantPart,
  MediaPart,
  Message,
  TextPart,
  ToolResultPart,
  UserPart,
} from "../../adapters/unified.ts";
import { breakMarkers, breakTurnMarkers, toJsonEscape } from "./break-markers.ts";
import { type NotedCall, type Notation, RESULT_TAG } from "./notations.ts";

/**
 * A conversation in which calls and results are text: calls as the model is asked to write them, all results of a
 * turn in one user turn, in the order of the calls. No call stays without a result.
 */
export function renderHistory(messages: readonly Message[], notation: Notation): Message[] {
  const out: Message[] = [];
  let open: { id: string; name: string }[] = [];
  const settle = (results: readonly ToolResultPart[]): void => {
    const parts = inCallOrder(open, results).flatMap(renderResult);
    open = [];
    if (parts.length) add(out, { role: "user", content: joinTexts(parts) });
  };
  for (const message of messages) {
    if (message.role === "tool") {
      settle(message.content);
      continue;
    }
    if (open.length) settle([]);
    if (message.role === "user") {
      add(out, { ...message, content: message.content.map(renderUserPart) });
      continue;
    }
    if (message.role !== "assistant") {
      add(out, message);
      continue;
    }
    open = message.content.flatMap((part) =>
      part.type === "tool-call" ? [{ id: part.id, name: part.name }] : [],
    );
    add(out, { role: "assistant", content: renderAssistant(message.content, notation) });
  }
  if (open.length) settle([]);
  return out;
}

function renderUserPart(part: UserPart): UserPart {
  if (part.type !== "text") return part;
  const text = breakTurnMarkers(part.text);
  return text === part.text ? part : { ...part, text };
}

/** Calls that follow each other are one block, since some notations have one frame around them. */
function renderAssistant(parts: readonly AssistantPart[], notation: Notation): AssistantPart[] {
  const out: AssistantPart[] = [];
  let calls: NotedCall[] = [];
  const flush = (): void => {
    if (calls.length === 0) return;
    const text = notation.render(calls);
    const last = out.at(-1);
    if (last?.type === "text") out[out.length - 1] = { ...last, text: `${last.text.trimEnd()}\n\n${text}` };
    else out.push({ type: "text", text });
    calls = [];
  };
  for (const part of parts) {
    if (part.type === "tool-call") calls.push({ name: part.name, args: part.args });
    else {
      flush();
      out.push(part);
    }
  }
  flush();
  return out;
}

function inCallOrder(
  calls: readonly { id: string; name: string }[],
  results: readonly ToolResultPart[],
): ToolResultPart[] {
  const rest = [...results];
  const ordered = calls.map((call): ToolResultPart => {
    const at = rest.findIndex((result) => result.id === call.id);
    const [found] = at === -1 ? [] : rest.splice(at, 1);
    return (
      found ?? {
        type: "tool-result",
        id: call.id,
        name: call.name,
        content: [{ type: "text", text: "(no result)" }],
      }
    );
  });
  return [...ordered, ...rest];
}

function renderResult(result: ToolResultPart): UserPart[] {
  const text = result.content
    .filter((part): part is TextPart => part.type === "text")
    .map((part) => part.text)
    .join("\n");
  const media = result.content.filter((part): part is MediaPart => part.type === "media");
  const body: Record<string, unknown> = { name: result.name };
  if (result.isError) body.error = true;
  body.content = media.length
    ? `${text}${text ? "\n" : ""}(${media.length} attached: ${media.map((part) => part.mimeType).join(", ")})`
    : text;
  const json = breakMarkers(JSON.stringify(body), toJsonEscape);
  return [{ type: "text", text: `<${RESULT_TAG}>\n${json}\n</${RESULT_TAG}>` }, ...media];
}

/** Adds a message; user turns that follow each other become one. */
function add(out: Message[], message: Message): void {
  const last = out.at(-1);
  if (message.role === "user" && last?.role === "user") {
    out[out.length - 1] = { role: "user", content: [...last.content, ...message.content] };
  } else if (message.role !== "assistant" || message.content.length) out.push(message);
}

/** Texts side by side as one part. */
function joinTexts(parts: readonly UserPart[]): UserPart[] {
  const out: UserPart[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    if (part.type === "text" && last?.type === "text")
      out[out.length - 1] = { type: "text", text: `${last.text}\n${part.text}` };
    else out.push(part);
  }
  return out;
}
