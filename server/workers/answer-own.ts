import { H3 } from "h3";
import { addAdministration } from "../app.ts";
import type { Deps, OwnAnswer, OwnRequest } from "../deps.ts";

/** Answers what a worker was asked about the daemon as a whole. */
export function createOwnAnswers(deps: Deps): (asked: OwnRequest) => Promise<OwnAnswer> {
  const app = new H3({ onError: () => undefined });
  addAdministration(app, deps);
  return async ({ method, path, authorization, body }) => {
    const asked = { method, ...(body !== undefined && { body }) };
    const request = new Request(`http://localhost${path}`, asked);
    if (authorization !== null) request.headers.set("authorization", authorization);
    const response = await app.fetch(request);
    return {
      status: response.status,
      type: response.headers.get("content-type") ?? "text/plain",
      text: await response.text(),
    };
  };
}
