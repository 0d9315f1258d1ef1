import type { ProviderFace } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import { remember, rememberFor } from "./remember.ts";

/**
 * The full URL of a wire request below a provider's base URL, whatever version segment that ends with. A query of the
 * base URL (Azure's `api-version`) goes along.
 */
export const toUrl = (baseUrl: string, path: string, face: ProviderFace): string =>
  urlsOf(face)(`${baseUrl}\n${path}`);

const urlsOf = rememberFor((face: ProviderFace) =>
  remember((id) => {
    const end = id.indexOf("\n");
    return join(id.slice(0, end), id.slice(end + 1), face);
  }),
);

function join(baseUrl: string, path: string, face: ProviderFace): string {
  const { origin, hostname, pathname, search } = new URL(baseUrl);
  let base = pathname.replace(/\/+$/, "");
  for (let suffix = endingOf(base, face); suffix !== undefined; suffix = endingOf(base, face)) {
    base = base.slice(0, -suffix.length).replace(/\/+$/, "");
  }
  // A base with a version of its own (…/api/paas/v4, …/v1beta/openai) has the last word on it.
  const ownVersion = /\/v\d+\w*(\/|$)/.test(base) || face.unversionedHosts?.includes(hostname) === true;
  // What a client put into the path (a model's name, an id) leads nowhere else.
  if (DOT_SEGMENT.test(path.split("?", 1)[0] ?? ""))
    throw new GatewayError("invalid-request", "a model's name or an id cannot be '.' or '..'");
  const url = origin + base + (ownVersion ? path.replace(/^\/v\d+\w*(?=\/)/, "") : path);
  return search === "" ? url : url + (path.includes("?") ? `&${search.slice(1)}` : search);
}

const endingOf = (base: string, face: ProviderFace): string | undefined =>
  face.baseSuffixes.find((suffix) => base.endsWith(suffix));

/** As URLs read them: `%2e` is a dot, a backslash is a slash. */
const DOT_SEGMENT = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)/i;
