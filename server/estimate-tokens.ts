import { estimateTokenCount } from "tokenx";
import type { UnifiedRequest } from "../adapters/unified.ts";

/** An estimate of a request's input tokens: text, tools, calls, results and media. */
export function estimateTokens(request: UnifiedRequest): number {
  const texts: string[] = (request.system ?? []).map((part) => part.text);
  let media = 0;
  for (const message of request.messages) {
    for (const part of message.content) {
      if (part.type === "text" || part.type === "thinking") texts.push(part.text);
      else if (part.type === "tool-call") texts.push(part.name, part.args);
      else if (part.type === "media") media++;
      else {
        for (const inner of part.content) {
          if (inner.type === "text") texts.push(inner.text);
          else media++;
        }
      }
    }
  }
  for (const tool of request.tools ?? [])
    texts.push(tool.name, tool.description ?? "", JSON.stringify(tool.parameters));
  for (const tool of request.serverTools ?? []) texts.push(JSON.stringify(tool.body));
  const counted = texts.reduce((sum, text) => sum + estimateTokenCount(text), 0);
  return (
    counted + media * TOKENS_PER_MEDIUM + request.messages.length * TOKENS_PER_MESSAGE + TOKENS_PER_REQUEST
  );
}

/** An estimate of a text's tokens. */
export const estimateText = (text: string): number => estimateTokenCount(text);

/** A picture of the usual size in most providers' accounting. */
const TOKENS_PER_MEDIUM = 1200;
/** Role marks and separators. */
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_REQUEST = 3;
