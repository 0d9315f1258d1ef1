import type { Headers, Route } from "../adapter.ts";

/** `/v1/models` has other readers as well: Google's clients say who they are by header or `?key=`. */
const isGemini = (headers: Headers, query: URLSearchParams): boolean =>
  headers["x-goog-api-key"] !== undefined || headers["x-goog-api-client"] !== undefined || query.has("key");

/**
 * `/v1beta/models/{model}:{action}` and `/{model}/{action}`. Names may hold slashes and colons, raw or encoded, so the
 * action is what stands after the last one. A tuned model's name keeps its `tunedModels/`.
 */
const action = (name: string): RegExp =>
  new RegExp(`^/(?:v1beta|v1alpha|v1)/${MODEL}(?:[:/]|%3[aA])${name}$`);

const MODEL = "(?:models/|(?=tunedModels/))(?<model>.+)";

export const routes: Route[] = [
  { method: "POST", path: action("generateContent"), job: "chat", variant: "generate" },
  { method: "POST", path: action("streamGenerateContent"), job: "chat", variant: "stream" },
  { method: "POST", path: action("countTokens"), job: "count-tokens", variant: "count" },
  { method: "POST", path: action("embedContent"), job: "embed", variant: "embed" },
  { method: "POST", path: action("batchEmbedContents"), job: "embed", variant: "batch-embed" },
  { method: "GET", path: "/v1beta/models", job: "models" },
  { method: "GET", path: "/v1alpha/models", job: "models" },
  { method: "GET", path: "/v1/models", job: "models", claims: isGemini },
  { method: "GET", path: new RegExp(`^/v1(?:beta|alpha)/${MODEL}$`), job: "model" },
  { method: "GET", path: new RegExp(`^/v1/${MODEL}$`), job: "model", claims: isGemini },
];
