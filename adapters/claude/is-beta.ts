import type { Call } from "../adapter.ts";

/** The client knows the beta types: older SDKs say so in the query, newer ones only by the betas they name. */
export const isBeta = ({ query, headers }: Call): boolean =>
  query.get("beta") === "true" || Boolean(headers["anthropic-beta"]);
