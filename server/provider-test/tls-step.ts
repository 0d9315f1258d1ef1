import type { ProviderConfig } from "../../storage/types.ts";
import { isLoopback } from "../is-loopback.ts";
import type { Step } from "./step.ts";

/** What a connection says of a provider. */
export function toTls(
  provider: ProviderConfig,
  tls: { version: string; validTo: string } | undefined,
): Omit<Step, "id"> {
  if (!tls) {
    const host = new URL(provider.baseUrl).hostname.replace(/^\[|\]$/g, "");
    const bare = new URL(provider.baseUrl).protocol === "http:";
    const open =
      bare &&
      provider.proxy === undefined &&
      provider.keys?.length &&
      !isLoopback(host) &&
      host !== "localhost";
    return open
      ? {
          outcome: "warn",
          message: "plain http: the key can be read on the way",
          fix: "use its https address, if it has one",
        }
      : { outcome: "ok", message: "connected" };
  }
  const days = Math.floor((Date.parse(tls.validTo) - Date.now()) / 86_400_000);
  return days < 7
    ? {
        outcome: "warn",
        message: `${tls.version}, its certificate ends in ${days} days`,
        fix: "tell whoever runs it",
      }
    : { outcome: "ok", message: `${tls.version}, certificate valid for ${days} days` };
}
