import type { GatewayError } from "../../adapters/errors.ts";
import { advise } from "./advise.ts";
import type { Step } from "./step.ts";

/** What the answers say about the key. */
export function toAuth(key: string | undefined, id: string, error?: GatewayError): Step {
  const name = key === undefined ? "no key" : "the key";
  if (error?.kind === "upstream-auth")
    return {
      id: "auth",
      outcome: "fail",
      message: `${name} is refused: ${error.message}`,
      fix: advise(error, { id, key }),
    };
  if (error?.kind === "rate-limit")
    return {
      id: "auth",
      outcome: "warn",
      message: `${name} is taken, but has nothing left: ${error.message}`,
      fix: advise(error, { id, key }),
    };
  if (error && ["timeout", "upstream", "overloaded"].includes(error.kind))
    return { id: "auth", outcome: "skip", message: "not known: the provider did not answer" };
  return {
    id: "auth",
    outcome: "ok",
    message: key === undefined ? "no key is asked for" : "the key is taken",
  };
}

/** Why a key has no value. */
export function toMissing(key: string, id: string): { message: string; fix: string } {
  if (key.startsWith("env:"))
    return { message: `${key} is not set`, fix: `export ${key.slice(4)}=…, then 'ccproxy restart'` };
  if (key.startsWith("file:"))
    return { message: `${key} cannot be read, or is empty`, fix: "put the key into that file's first line" };
  return { message: "the key is empty", fix: `ccproxy provider key add ${id} env:NAME` };
}
