import { isLoopback } from "../server/is-loopback.ts";

/** A URL as variables and settings have it: `OLLAMA_HOST` also without scheme or port. */
export function toPlain(text: string): URL | undefined {
  if (text.trim() === "") return undefined;
  const whole = /^[a-z]+:\/\//i.test(text)
    ? text
    : `http://${/:\d+(?:\/|$)/.test(text) ? text : `${text}:11434`}`;
  return URL.canParse(whole) ? new URL(whole) : undefined;
}

/** Whether an address leads to the daemon, where it runs or would. */
export function isOurs(url: URL, ours: { host: string; port: number; url?: string }): boolean {
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  const running = ours.url === undefined ? undefined : new URL(ours.url);
  if (port !== (running?.port ?? String(ours.port))) return false;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return isLocal(host) || host === ours.host || host === running?.hostname;
}

export const isLocal = (host: string): boolean =>
  isLoopback(host) || ["localhost", "0.0.0.0", "::", "host.docker.internal"].includes(host);
