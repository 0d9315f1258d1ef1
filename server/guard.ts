import { hostname } from "node:os";
import type { Headers } from "../adapters/adapter.ts";
import type { ServerConfig } from "../storage/types.ts";
import { isLoopback } from "./auth.ts";

/** What to do with a request before anything else looks at it. */
export type Verdict =
  /** Nothing a browser would have to be told. */
  | { kind: "pass"; cors?: Record<string, string> }
  | { kind: "preflight"; cors: Record<string, string> }
  | { kind: "refuse"; reason: string };

/**
 * The browser's surface: only known Host names (a rebound name is none), only known Origins, no wildcard. Programs
 * send no Origin and pass. Decided before any handler, so that a page cannot even cause a call it may not read.
 */
export function guard(method: string, headers: Headers, server: ServerConfig): Verdict {
  if (!isKnownHost(headers.host, server)) {
    return {
      kind: "refuse",
      reason: `Host '${headers.host ?? ""}' is not known here: add it to server.hosts to allow it`,
    };
  }
  const origin = headers.origin;
  if (origin === undefined) {
    const site = headers["sec-fetch-site"];
    const crossSite = site === "cross-site" || site === "same-site";
    return crossSite
      ? { kind: "refuse", reason: "a web page of another site may not call this daemon" }
      : { kind: "pass" };
  }
  if (!isKnownOrigin(origin, server)) {
    return {
      kind: "refuse",
      reason: `Origin '${origin}' is not allowed: add it to server.origins to allow it`,
    };
  }
  const cors = { "access-control-allow-origin": origin, vary: "Origin" };
  if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined)
    return { kind: "pass", cors };
  return {
    kind: "preflight",
    cors: {
      ...cors,
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS",
      "access-control-allow-headers": headers["access-control-request-headers"] ?? "",
      "access-control-max-age": "43200",
    },
  };
}

function isKnownHost(host: string | undefined, server: ServerConfig): boolean {
  if (!host) return false;
  const name = host.replace(/:\d+$/, "").toLowerCase();
  const known = ["localhost", "127.0.0.1", "[::1]", "host.docker.internal", hostname().toLowerCase()];
  return (
    known.includes(name) ||
    name === bracketed(server.host) ||
    (server.hosts ?? []).some((own) => own.toLowerCase() === name)
  );
}

/** Ollama's own list of local origins, less what any web page could take on. */
function isKnownOrigin(origin: string, server: ServerConfig): boolean {
  if (server.origins?.includes(origin)) return true;
  if (/^(?:app|file|tauri|vscode-webview|vscode-file):\/\//.test(origin)) return true;
  const local = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.exec(origin);
  return local !== null;
}

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host.toLowerCase());

/** Whether an address to bind is reachable from other machines. */
export const isPublicBind = (host: string): boolean => host !== "localhost" && !isLoopback(host);
