import { ok, warn, type Check } from "../check.ts";

export const proxyEnv: Check = {
  id: "proxy-env",
  title: "Calls to this machine go around the proxy",
  fix: "export NO_PROXY=127.0.0.1,localhost,::1",
  run({ env }) {
    const set = PROXIES.filter((name) => env[name]);
    if (set.length === 0) return ok("no proxy is set");
    const spared = `${env["NO_PROXY"] ?? ""},${env["no_proxy"] ?? ""}`.split(",").map((word) => word.trim());
    return spared.includes("*") || (spared.includes("127.0.0.1") && spared.includes("localhost"))
      ? ok(`${set.join(", ")} set, this machine spared`)
      : warn(
          `${set.join(", ")} set, and NO_PROXY does not spare 127.0.0.1 and localhost: agents may ask the proxy for ccproxy`,
        );
  },
};

export const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];
