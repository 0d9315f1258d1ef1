import type { Route } from "../adapter.ts";

const manage = (method: Route["method"], path: Route["path"], variant: string): Route => ({
  method,
  path,
  job: "manage",
  variant,
});

/** Everything native that Ollama's router registers; its `/v1` is served by the protocols it imitates there. */
export const routes: Route[] = [
  { method: "POST", path: "/api/chat", job: "chat", variant: "chat" },
  { method: "POST", path: "/api/generate", job: "chat", variant: "generate" },
  { method: "POST", path: "/api/embed", job: "embed", variant: "embed" },
  { method: "POST", path: "/api/embeddings", job: "embed", variant: "embeddings" },
  { method: "GET", path: "/api/tags", job: "models" },
  { method: "HEAD", path: "/api/tags", job: "models" },
  manage("GET", "/", "root"),
  manage("HEAD", "/", "root"),
  manage("GET", "/api/version", "version"),
  manage("HEAD", "/api/version", "version"),
  manage("GET", "/api/status", "status"),
  manage("GET", "/api/ps", "ps"),
  manage("POST", "/api/show", "show"),
  manage("POST", "/api/pull", "pull"),
  manage("POST", "/api/push", "push"),
  manage("POST", "/api/create", "create"),
  manage("POST", "/api/copy", "copy"),
  manage("DELETE", "/api/delete", "delete"),
  manage("HEAD", /^\/api\/blobs\/(?<digest>[^/]+)$/, "blob-head"),
  manage("POST", /^\/api\/blobs\/(?<digest>[^/]+)$/, "blob-create"),
  manage("POST", "/api/me", "me"),
  manage("POST", "/api/signout", "signout"),
  manage("DELETE", /^\/api\/user\/keys\/(?<encodedKey>[^/]+)$/, "signout"),
  manage("POST", "/api/experimental/web_search", "web-search"),
  manage("POST", "/api/experimental/web_fetch", "web-fetch"),
  manage("GET", "/api/experimental/model-recommendations", "recommendations"),
];
