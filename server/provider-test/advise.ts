import type { GatewayError } from "../../adapters/errors.ts";

/** What to do about a provider's failure, in one line. */
export function advise(error: GatewayError, { id, key }: { id: string; key: string | undefined }): string {
  const { kind, code = "", upstreamStatus } = error;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return `look at the host name: ccproxy provider edit ${id} --base-url <url>; or at this machine's network`;
  if (code === "ECONNREFUSED") return "start the server, or correct host and port of its baseUrl";
  if (code === "private_address" || code === "PRIVATE_ADDRESS")
    return `ccproxy provider edit ${id} --allow-private, if that address is meant`;
  if (/SELF_SIGNED|UNABLE_TO|ALTNAME|CERT/.test(code))
    return `ccproxy provider edit ${id} --ca-file <pem>, or correct the host name; a proxy that opens TLS needs its authority there`;
  if (code === "redirect" || /SSL|WRONG_VERSION/.test(code))
    return `look at scheme, host and port: ccproxy provider edit ${id} --base-url <url>`;
  switch (kind) {
    case "upstream-auth":
      return key === undefined
        ? `give it a key: ccproxy provider key add ${id} env:NAME`
        : `make a new key at the provider, then: ccproxy provider key add ${id} env:NAME`;
    case "rate-limit":
      return /quota|credit|billing|balance/.test(code) || upstreamStatus === 402
        ? "add credit at the provider, or another key"
        : "wait, or add another key: limits are counted by key";
    case "not-found":
      return `name a model it has with --model; or its baseUrl is not the API's: ccproxy provider edit ${id} --base-url <url>`;
    case "timeout":
      return "try again: a local model may still be loading; else look at the network or its proxy setting";
    case "overloaded":
      return "try again later";
    case "invalid-request":
      return "try another model with --model";
    default:
      return `look at protocol and baseUrl: ccproxy provider show ${id}`;
  }
}
