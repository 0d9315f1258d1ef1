import { ok, warn, type Check } from "../check.ts";

export const tlsEnv: Check = {
  id: "tls-env",
  title: "Certificates are verified",
  fix: "unset NODE_TLS_REJECT_UNAUTHORIZED; name an authority of your own with: ccproxy provider edit <name> --ca-file <pem>",
  run: ({ env }) =>
    env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0"
      ? warn("NODE_TLS_REJECT_UNAUTHORIZED=0: the daemon ignores it, agents written in Node do not")
      : ok("nothing turns that off"),
};
