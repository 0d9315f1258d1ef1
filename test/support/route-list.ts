import { adapters } from "../../adapters/index.ts";
import type { Job } from "../../adapters/adapter.ts";

export interface ServedRoute {
  /** The protocol, or "own". */
  protocol: string;
  method: string;
  path: string;
  job: Job | "own";
}

/** One path for every route that is served, ours included. A route of a new kind fails here until it has one. */
export function listRoutes(): ServedRoute[] {
  const routes = adapters.flatMap(({ protocol, client }) =>
    (client?.routes ?? []).map(({ method, path, job }) => ({
      protocol,
      method,
      path: typeof path === "string" ? path : toSample(path),
      job,
    })),
  );
  return [...routes, ...OWN];
}

function toSample(pattern: RegExp): string {
  const sample = SAMPLES.find((path) => pattern.test(path));
  if (sample === undefined) throw new Error(`no sample path for ${pattern.source}`);
  return sample;
}

const OWN: ServedRoute[] = [
  { protocol: "own", method: "GET", path: "/health", job: "own" },
  { protocol: "own", method: "GET", path: "/ready", job: "own" },
  { protocol: "own", method: "GET", path: "/status", job: "own" },
  { protocol: "own", method: "GET", path: "/metrics", job: "own" },
  { protocol: "own", method: "POST", path: "/admin/reload", job: "own" },
  { protocol: "own", method: "POST", path: "/admin/explain", job: "own" },
  { protocol: "own", method: "DELETE", path: "/admin/cooldowns", job: "own" },
];

const DIGEST = `sha256:${"a".repeat(64)}`;
const SAMPLES = [
  "/v1/responses/resp_1234/input_items",
  "/v1/responses/resp_1234/cancel",
  "/v1/responses/resp_1234",
  `/api/blobs/${DIGEST}`,
  "/api/user/keys/abc",
  ...["generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents"].map(
    (action) => `/v1beta/models/model-a:${action}`,
  ),
  "/v1beta/models/model-a",
  "/v1/models/model-a",
];
