import { hostname } from "node:os";
import type { Headers } from "../adapters/adapter.ts";
import type { ServerConfig } from "../storage/types.ts";
import { isLoopback } from "./is-loopback.ts";
import { remember, rememberFor } from "./remember.ts";

/** A request as far as it is looked at before anything else. */
export interface Knock {
  method: string;
  /** As the request line has it. */
  url: string;
  headers: Headers;
  /** How many Host headers there are; of several, `headers` has the first. Default 1. */
  hosts?: number;
}

/** What to do with a request before anything else looks at it. */
export type Verdict =
  /** Nothing a browser would have to be told. */
  | { kind: "pass"; cors?: Record<string, string> }
  | { kind: "preflight"; cors: Record<string, string> }
  /** `close`: nothing else on this connection is to be believed. */
  | { kind: "refuse"; reason: string; close?: boolean };

/**
 * The browser's surface: only known Host names (a rebound name is none), only known Origins, no wildcard. Programs
 * send no Origin and pass. Decided before any handler, so that a page cannot even cause a call it may not read.
 */
export function guard({ method, url, headers, hosts = 1 }: Knock, server: ServerConfig): Verdict {
  // Node refuses both together, but not where the first is empty.
  if (headers["transfer-encoding"] !== undefined && headers["content-length"] !== undefined)
    return { kind: "refuse", reason: "a request's body has one length", close: true };
  if (hosts > 1) return { kind: "refuse", reason: "a request has one Host header" };
  // `GET http://…` is how proxies are asked, and could name another host than the header does.
  if (!url.startsWith("/") && url !== "*")
    return { kind: "refuse", reason: "a request names a path, not a URL: this is no forward proxy" };
  if (!hostsOf(server)(headers.host ?? "")) {
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
      : PASS;
  }
  if (isOwnPath(url) && origin !== `http://${headers.host}` && origin !== `https://${headers.host}`)
    return { kind: "refuse", reason: "no web page but the daemon's own may ask about the daemon itself" };
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

const PASS: Verdict = { kind: "pass" };

/** Asked at every request, about the same one or two. */
const hostsOf = rememberFor((server: ServerConfig) => remember((host) => isKnownHost(host, server)));

function isKnownHost(host: string, server: ServerConfig): boolean {
  if (host === "") return false;
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return (
    LOCAL_HOSTS.includes(name) ||
    name === bracketed(server.host) ||
    (server.hosts ?? []).some((own) => own.toLowerCase() === name) ||
    name === hostname().toLowerCase()
  );
}

/** Ollama's own list of local origins, less what any web page could take on. */
function isKnownOrigin(origin: string, server: ServerConfig): boolean {
  if (server.origins?.includes(origin)) return true;
  if (/^(?:app|file|tauri|vscode-webview|vscode-file):\/\//.test(origin)) return true;
  const local = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.exec(origin);
  return local !== null;
}

const LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]", "host.docker.internal"];

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host.toLowerCase());

/** Our own routes, as opposed to those of a protocol: health, status, metrics, administration. */
export const isOwnPath = (url: string): boolean => OWN_PATH.test(url);

const OWN_PATH = /^\/(?:health|ready|status|metrics|admin)(?:[/?]|$)/;

/** Whether an address to bind is reachable from other machines. */
export const isPublicBind = (host: string): boolean => host !== "localhost" && !isLoopback(host);
