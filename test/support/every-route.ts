/** One request to every route there is, for tests that look at all answers. */
export interface RouteCall {
  method: string;
  path: string;
  body?: unknown;
}

const chats = (model: string, text: string, stream: boolean): RouteCall[] => [
  {
    method: "POST",
    path: "/v1/chat/completions",
    body: { model, stream, messages: [{ role: "user", content: text }] },
  },
  { method: "POST", path: "/v1/completions", body: { model, stream, prompt: text } },
  { method: "POST", path: "/v1/responses", body: { model, stream, input: text } },
  {
    method: "POST",
    path: "/v1/messages",
    body: { model, stream, max_tokens: 9, messages: [{ role: "user", content: text }] },
  },
  {
    method: "POST",
    path: `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: { contents: [{ role: "user", parts: [{ text }] }] },
  },
  { method: "POST", path: "/api/chat", body: { model, stream, messages: [{ role: "user", content: text }] } },
  { method: "POST", path: "/api/generate", body: { model, stream, prompt: text } },
];

/** Chats of every protocol, whole and streamed. */
export const listChats = (model: string, text: string): RouteCall[] => [
  ...chats(model, text, false),
  ...chats(model, text, true),
];

/** Everything else. */
export const listOthers = (model: string, text: string): RouteCall[] => [
  { method: "POST", path: "/v1/embeddings", body: { model, input: text } },
  { method: "POST", path: "/api/embed", body: { model, input: text } },
  { method: "POST", path: "/api/embeddings", body: { model, prompt: text } },
  { method: "POST", path: `/v1beta/models/${model}:embedContent`, body: { content: { parts: [{ text }] } } },
  {
    method: "POST",
    path: "/v1/messages/count_tokens",
    body: { model, messages: [{ role: "user", content: text }] },
  },
  {
    method: "POST",
    path: `/v1beta/models/${model}:countTokens`,
    body: { contents: [{ parts: [{ text }] }] },
  },
  { method: "POST", path: "/v1/responses/input_tokens", body: { model, input: text } },
  { method: "GET", path: "/v1/models" },
  { method: "GET", path: `/v1/models/${model}` },
  { method: "GET", path: "/v1beta/models" },
  { method: "GET", path: `/v1beta/models/${model}` },
  { method: "GET", path: "/v1/responses/resp_unknown" },
  { method: "DELETE", path: "/v1/responses/resp_unknown" },
  {
    method: "POST",
    path: "/v1/responses",
    body: { model, input: text, previous_response_id: "resp_unknown" },
  },
  { method: "GET", path: "/" },
  { method: "GET", path: "/api/version" },
  { method: "GET", path: "/api/tags" },
  { method: "GET", path: "/api/ps" },
  { method: "POST", path: "/api/show", body: { model } },
  { method: "POST", path: "/api/pull", body: { model, stream: false } },
  { method: "POST", path: "/api/push", body: { model, stream: false } },
  { method: "POST", path: "/api/create", body: { model: "made", from: model, system: text, stream: false } },
  { method: "POST", path: "/api/copy", body: { source: model, destination: "copied" } },
  { method: "DELETE", path: "/api/delete", body: { model: "copied" } },
  { method: "HEAD", path: `/api/blobs/sha256:${"0".repeat(64)}` },
  { method: "POST", path: `/api/blobs/sha256:${"0".repeat(64)}`, body: text },
  { method: "POST", path: "/api/me" },
  { method: "GET", path: "/health" },
  { method: "GET", path: "/ready" },
  { method: "GET", path: "/status" },
  { method: "GET", path: "/metrics" },
  { method: "POST", path: "/admin/reload" },
  { method: "POST", path: "/admin/explain" },
  { method: "DELETE", path: "/admin/cooldowns" },
  { method: "GET", path: "/usage" },
  { method: "GET", path: "/no/such/route" },
  { method: "PATCH", path: "/v1/chat/completions", body: {} },
];
