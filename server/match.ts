import type { Adapter, Call, ClientFace, Headers, Route } from "../adapters/adapter.ts";

export interface Match {
  adapter: Adapter;
  face: ClientFace;
  call: Call;
}

export type MatchResult =
  | { found: Match }
  /** No route has this path: the face whose routes come nearest answers. */
  | { missing: { face: ClientFace; call: Call }; allowed?: undefined }
  /** The path exists for other methods. */
  | { missing: { face: ClientFace; call: Call }; allowed: string[] };

interface Entry {
  adapter: Adapter;
  face: ClientFace;
  route: Route;
}

/** Finds the route of a request among those the adapters declare. `path` comes without its group prefix. */
export function createMatcher(adapters: readonly Adapter[]) {
  const entries: Entry[] = adapters.flatMap((adapter) =>
    adapter.client
      ? adapter.client.routes.map((route) => ({ adapter, face: adapter.client as ClientFace, route }))
      : [],
  );
  // Routes that claim by header or query are asked before those that take the rest.
  entries.sort((a, b) => Number(Boolean(b.route.claims)) - Number(Boolean(a.route.claims)));
  const exact = new Map<string, Entry[]>();
  const patterns: Entry[] = [];
  for (const entry of entries) {
    if (typeof entry.route.path !== "string") patterns.push(entry);
    else exact.set(entry.route.path, [...(exact.get(entry.route.path) ?? []), entry]);
  }
  const candidates = new Map([...exact].map(([path, own]) => [path, [...own, ...patterns]]));

  return function match(method: string, path: string, query: URLSearchParams, headers: Headers): MatchResult {
    let allowed: Set<string> | undefined;
    let owner: ClientFace | undefined;
    for (const entry of candidates.get(path) ?? patterns) {
      const params = toParams(entry.route, path);
      if (!params) continue;
      if (entry.route.claims && !entry.route.claims(headers, query)) continue;
      if (entry.route.method !== method) {
        (allowed ??= new Set()).add(entry.route.method);
        owner ??= entry.face;
        continue;
      }
      const { job, variant } = entry.route;
      const call: Call = { job, variant, params, query, headers, requestId: undefined };
      return { found: { adapter: entry.adapter, face: entry.face, call } };
    }
    const face = owner ?? nearestFace(entries, path, query, headers);
    const call: Call = { job: "chat", params: {}, query, headers };
    return allowed ? { missing: { face, call }, allowed: [...allowed] } : { missing: { face, call } };
  };
}

function toParams(route: Route, path: string): Record<string, string> | undefined {
  if (typeof route.path === "string") return {};
  const found = route.path.exec(path);
  if (!found) return undefined;
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(found.groups ?? {}))
    if (value !== undefined) params[name] = decode(value);
  return params;
}

/** The face whose routes share the longest beginning with an unknown path; claims by header count most. */
function nearestFace(entries: Entry[], path: string, query: URLSearchParams, headers: Headers): ClientFace {
  let best: ClientFace | undefined;
  let bestScore = -1;
  for (const { face, route } of entries) {
    const claimed = route.claims?.(headers, query) ? 1000 : 0;
    // A pattern's literal beginning is as good as its path: `^\/v1beta\/models` reads `/v1beta/models`.
    const literal = typeof route.path === "string" ? route.path : literalPrefix(route.path.source);
    const score = claimed + commonPrefix(literal, path);
    if (score > bestScore) {
      best = face;
      bestScore = score;
    }
  }
  if (!best) throw new Error("no adapter declares a route");
  return best;
}

const literalPrefix = (source: string): string =>
  /^\^?((?:\\\/|[\w-])*)/.exec(source)?.[1]?.replaceAll("\\/", "/") ?? "";

function commonPrefix(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
