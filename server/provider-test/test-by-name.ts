import type { Deps } from "../deps.ts";
import { testProvider } from "./test-provider.ts";

/** `/admin/providers/{id}/test?key=2&model=…`: a provider tried with what the daemon has: its environment, its network. */
export async function testByName(deps: Deps, url: URL): Promise<Response> {
  const id = decodeURIComponent(url.pathname.split("/")[3] ?? "");
  const { providers } = deps.config();
  const provider = Object.hasOwn(providers, id) ? providers[id] : undefined;
  if (!provider) return json({ error: `there is no provider "${id}"` }, 404);
  const keys = provider.keys ?? [];
  const number = Number(url.searchParams.get("key") ?? 1);
  const key = keys[number - 1];
  if (url.searchParams.has("key") && key === undefined)
    return json({ error: `key: expected a number from 1 to ${keys.length}` }, 400);
  const model = url.searchParams.get("model") ?? undefined;
  const keyName = key === undefined ? id : `${id}#${number}`;
  return json(await testProvider({ id, provider, key, keyName, model }, deps));
}

const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
