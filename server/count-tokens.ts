import { GatewayError } from "../adapters/errors.ts";
import type { UnifiedRequest } from "../adapters/unified.ts";
import { sendBody } from "./answer.ts";
import { authorise } from "./auth.ts";
import type { Exchange } from "./exchange.ts";
import { parseJson, readText } from "./read-body.ts";
import { resolveModel } from "./resolve-model.ts";

/** Answers Claude's count_tokens and Gemini's countTokens by estimate: no provider is asked, nothing is generated. */
export async function handleCountTokens(exchange: Exchange): Promise<void> {
  const { face, call, deps, req, res } = exchange;
  const text = await readText(req, deps.config().server);
  const request = face.parseRequest(parseJson(text), call);
  const { group, alias } = resolveModel(deps.router(), exchange.group, request.model);
  const name = deps.router().group(group).name;
  authorise(exchange.principal, name);
  Object.assign(exchange.entry, { group: name, model: alias });
  deps.router().targets(name, alias);
  if (!face.writeTokenCount) throw new GatewayError("not-found", "this protocol has no token count");
  const body = JSON.stringify(face.writeTokenCount(await estimateTokens(request), call));
  // Told where it can be told without changing the protocol's body: this is an estimate.
  sendBody(res, 200, { "content-type": "application/json", "x-ccproxy-token-count": "estimated" }, body);
}

/** An estimate of a request's input tokens: text, tools, calls, results and media. */
export async function estimateTokens(request: UnifiedRequest): Promise<number> {
  const { estimateTokenCount } = await import("tokenx");
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

/** A picture of the usual size in most providers' accounting. */
const TOKENS_PER_MEDIUM = 1200;
/** Role marks and separators. */
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_REQUEST = 3;
