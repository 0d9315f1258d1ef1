import type { ProviderFace } from "../adapter.ts";
import { isSse } from "./is-sse.ts";
import { toModelPath } from "./model-path.ts";

/**
 * The query goes along but for the client's key. A stream that is wanted as a JSON array is converted instead: only
 * events can be relayed as they come. Token counts are estimated locally.
 */
export const passThrough: ProviderFace["passThrough"] = (call, model, stream) => {
  if (call.job !== "chat" || (stream && !isSse(call))) return undefined;
  const query = new URLSearchParams(call.query);
  for (const name of SECRETS) query.delete(name);
  const path = toModelPath(model, stream ? "streamGenerateContent" : "generateContent");
  return { path: query.size ? `${path}?${query.toString()}` : path, modelInBody: false };
};

const SECRETS = ["key", "access_token", "oauth_token"];
