import { GatewayError } from "../adapters/errors.ts";
import { sendBody } from "./send-body.ts";
import { authorise } from "./auth.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { checkRequest } from "./body-limits.ts";
import type { Exchange } from "./exchange.ts";
import { parseJson, readText } from "./read-body.ts";
import { resolveModel } from "./resolve-model.ts";

/** Answers Claude's count_tokens and Gemini's countTokens by estimate: no provider is asked, nothing is generated. */
export async function handleCountTokens(exchange: Exchange): Promise<void> {
  const { face, call, deps, req, res } = exchange;
  const text = await readText(req, deps.config().server);
  const request = face.parseRequest(parseJson(text), call);
  checkRequest(request);
  const { group, alias } = resolveModel(deps.router(), exchange.group, request.model);
  const name = deps.router().group(group).name;
  authorise(exchange.principal, name, alias);
  Object.assign(exchange.entry, { group: name, model: alias });
  deps.router().targets(name, alias, { direct: exchange.principal.direct === true });
  if (!face.writeTokenCount) throw new GatewayError("not-found", "this protocol has no token count");
  const body = JSON.stringify(face.writeTokenCount(estimateTokens(request), call, request));
  // Told where it can be told without changing the protocol's body: this is an estimate.
  const headers = face.responseHeaders ?? { "content-type": "application/json" };
  sendBody(res, 200, { ...headers, "x-ccproxy-token-count": "estimated" }, body);
}
