import { describe, expect, it } from "vitest";
import type { Adapter, ClientFace, Route } from "../../adapters/adapter.ts";
import { createMatcher } from "../../server/match.ts";

const face = (routes: Route[]): ClientFace => ({ routes }) as unknown as ClientFace;
const adapter = (protocol: string, routes: Route[]): Adapter =>
  ({ protocol, client: face(routes) }) as unknown as Adapter;

const plain = adapter("plain", [
  { method: "POST", path: "/v1/chat", job: "chat" },
  { method: "GET", path: "/v1/models", job: "models" },
  { method: "GET", path: "/v1/things/a", job: "manage", variant: "exact" },
]);
const claiming = adapter("claiming", [
  { method: "POST", path: "/v1/messages", job: "chat", variant: "messages" },
  {
    method: "GET",
    path: "/v1/models",
    job: "models",
    claims: (headers, query) => headers["x-version"] !== undefined || query.has("key"),
  },
]);
const patterned = adapter("patterned", [
  { method: "POST", path: /^\/v1beta\/models\/(?<model>[^]+):(?<action>\w+)$/, job: "chat" },
  { method: "GET", path: /^\/v1\/things\/(?<name>[^/]+)$/, job: "manage", variant: "pattern" },
  { method: "DELETE", path: /^\/v1\/things\/(?<name>[^/]+)$/, job: "manage", variant: "delete" },
]);
const silent = { protocol: "silent" } as unknown as Adapter;

const match = createMatcher([plain, claiming, patterned, silent]);
const find = (method: string, url: string, headers = {}) => {
  const [path = "", search] = url.split("?");
  const result = match(method, path, new URLSearchParams(search), headers);
  if (!("found" in result)) return { nearest: nameOf(result.missing.face), allowed: result.allowed };
  const { job, variant, params } = result.found.call;
  expect(result.found.face).toBe(result.found.adapter.client);
  return { protocol: result.found.adapter.protocol, job, variant, params };
};
const nameOf = (found: ClientFace) =>
  [plain, claiming, patterned].find(({ client }) => client === found)?.protocol;

describe("createMatcher", () => {
  it("finds exact paths", () => {
    expect(find("POST", "/v1/chat")).toEqual({ protocol: "plain", job: "chat", params: {} });
    expect(find("POST", "/v1/messages")).toMatchObject({ protocol: "claiming", variant: "messages" });
  });

  it("reads a pattern's named groups, decoded", () => {
    expect(find("POST", "/v1beta/models/org%2Fa:b:generate")).toMatchObject({
      protocol: "patterned",
      params: { model: "org/a:b", action: "generate" },
    });
    expect(find("POST", "/v1beta/models/100%:generate")).toMatchObject({ params: { model: "100%" } });
  });

  it("asks who claims a request before those who take the rest", () => {
    expect(find("GET", "/v1/models")).toMatchObject({ protocol: "plain" });
    expect(find("GET", "/v1/models", { "x-version": "1" })).toMatchObject({ protocol: "claiming" });
    expect(find("GET", "/v1/models?key=a")).toMatchObject({ protocol: "claiming" });
  });

  it("takes an exact path before a pattern", () => {
    expect(find("GET", "/v1/things/a")).toMatchObject({ variant: "exact" });
    expect(find("GET", "/v1/things/b")).toMatchObject({ variant: "pattern", params: { name: "b" } });
  });

  it("tells which methods a path has", () => {
    expect(find("GET", "/v1/chat")).toEqual({ nearest: "plain", allowed: ["POST"] });
    expect(find("POST", "/v1/things/b")).toEqual({ nearest: "patterned", allowed: ["GET", "DELETE"] });
  });

  it("lets the face whose paths come nearest speak of an unknown one", () => {
    expect(find("POST", "/v1/message")).toEqual({ nearest: "claiming", allowed: undefined });
    expect(find("POST", "/v1beta/model/x")).toEqual({ nearest: "patterned", allowed: undefined });
    expect(find("POST", "/nothing")).toMatchObject({ allowed: undefined });
    expect(find("GET", "/nothing", { "x-version": "1" })).toMatchObject({ nearest: "claiming" });
  });
});
