import { readFileSync } from "node:fs";
import { adapters } from "../../adapters/index.ts";
import type { Job, Route } from "../../adapters/adapter.ts";
import { toTable } from "./docs-page.ts";

/** The tables of `docs/http-routes.md`: what the adapters declare, and what the daemon serves about itself. */
export function writeRouteTables(): { protocols: string; own: string } {
  const rows = adapters.flatMap(({ protocol, client }) => {
    const routes = (client?.routes ?? []).filter(({ method }) => method !== "HEAD");
    const places = routes.map((route) => [
      protocol,
      `\`${route.method}\``,
      `\`${toTemplate(route.path)}\``,
      ANSWERS[route.job],
    ]);
    return [...new Map(places.map((row) => [row.join(), row])).values()];
  });
  const own = listOwn().map((route) => {
    const [method = "", path = ""] = route.split(" ");
    const [meaning = "", open = false] = OWN[route] ?? [];
    return [`\`${method}\``, `\`${path}\``, open ? "anyone" : "admin token", meaning];
  });
  return {
    protocols: toTable(["protocol", "method", "path", "answer"], rows),
    own: toTable(["method", "path", "for", "what"], own),
  };
}

/** As `server/app.ts` serves them. Throws where one is not described here, or one is that there is not. */
function listOwn(): string[] {
  const source = readFileSync(new URL("../../server/app.ts", import.meta.url), "utf8");
  const inApp = Array.from(
    source.matchAll(/\bapp\.(get|post|put|patch|delete)\("([^"*]+)"/g),
    ([, method = "", path = ""]) => `${method.toUpperCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`,
  );
  // What asks most often is answered before the app is loaded.
  const served = [...new Set(["GET /health", ...inApp])];
  if (served.toSorted().join() !== Object.keys(OWN).toSorted().join())
    throw new Error(
      `server/app.ts serves ${served.join(", ")}; described are ${Object.keys(OWN).join(", ")}`,
    );
  return served;
}

const OWN: Record<string, [meaning: string, open?: true]> = {
  "GET /health": ["The process lives: version and process number.", true],
  "GET /ready": ["200 when something can be served, 503 when nothing can, or the daemon ends.", true],
  "GET /status": [
    "Providers, groups, who rests, how fast targets are, what is wrong with the configuration.",
  ],
  "GET /metrics": ["The same for Prometheus: [metrics](routing.md#metrics)."],
  "GET /admin/usage": ["What was used on the last `?days=`, 1 to 366: [usage](routing.md#usage)."],
  "POST /admin/reload": ["Reads the configuration now, and says what is wrong with it."],
  "POST /admin/explain": ["How a request would be routed; nobody is asked."],
  "DELETE /admin/cooldowns": ["Lets those who rest be asked again: one (`?key=`), or all."],
  "POST /admin/providers/{id}/test": [
    "Tries a provider: name, connection, key, models, chat, tool call, stream.",
  ],
};

const ANSWERS: Record<Job, string> = {
  chat: "a model",
  embed: "a model",
  "count-tokens": "the provider's count, or an estimate",
  models: "the group's aliases",
  model: "one alias",
  manage: "ccproxy, or the real Ollama behind the alias",
  stored: "an earlier answer, where it is kept",
};

/** A pattern's path as people write it. */
function toTemplate(path: Route["path"]): string {
  if (typeof path === "string") return path;
  let out = "";
  const source = path.source.replace(/^\^/, "").replace(/\$$/, "").replaceAll("\\/", "/");
  for (let at = 0; at < source.length; at++) {
    const name = /^\(\?<(\w+)>/.exec(source.slice(at))?.[1];
    if (name === undefined) {
      out += source[at];
      continue;
    }
    out += `{${name}}`;
    at = closing(source, at);
  }
  return out
    .replaceAll("(?:", "(")
    .replaceAll("\\", "")
    .replace("(models/|(?=tunedModels/))", "models/")
    .replace("([:/]|%3[aA])", ":");
}

/** Where the bracket at `from` is closed. */
function closing(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === "(") depth++;
    else if (source[at] === ")" && --depth === 0) return at;
  }
  return source.length;
}
