import type { Headers, Route } from "../adapter.ts";

/** `/v1/models` has other readers as well: Claude's clients always say which version of its API they speak. */
const isClaude = (headers: Headers): boolean => headers["anthropic-version"] !== undefined;

export const routes: Route[] = [
  { method: "POST", path: "/v1/messages", job: "chat" },
  { method: "POST", path: "/v1/messages/count_tokens", job: "count-tokens" },
  { method: "GET", path: "/v1/models", job: "models", claims: isClaude },
  // Ids may hold slashes.
  { method: "GET", path: /^\/v1\/models\/(?<model>.+)$/, job: "model", claims: isClaude },
];
