import type { Call, ProviderFace } from "../adapter.ts";

/** Token counts are estimated locally: most providers that speak this protocol have no route for them. */
export const passThrough: ProviderFace["passThrough"] = (call: Call) => {
  if (call.job !== "chat") return undefined;
  const beta = call.query.get("beta");
  const query = beta === null ? "" : `?beta=${encodeURIComponent(beta)}`;
  return { path: `/v1/messages${query}`, modelInBody: true };
};
