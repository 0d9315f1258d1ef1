import type { Check } from "../check.ts";
import { agentEnv } from "./agent-env.ts";
import { agentSettings } from "./agent-settings.ts";
import { aliasProvider } from "./alias-provider.ts";
import { bindScope } from "./bind-scope.ts";
import { clientKeys } from "./client-keys.ts";
import { clockSkew } from "./clock-skew.ts";
import { configFields } from "./config-fields.ts";
import { configLock } from "./config-lock.ts";
import { configValid } from "./config-valid.ts";
import { configured } from "./configured.ts";
import { daemonKeys } from "./daemon-keys.ts";
import { daemonRunning } from "./daemon-running.ts";
import { daemonVersion } from "./daemon-version.ts";
import { diskSpace } from "./disk-space.ts";
import { dockerUrl } from "./docker-url.ts";
import { envKeys } from "./env-keys.ts";
import { fileModes } from "./file-modes.ts";
import { homeWritable } from "./home-writable.ts";
import { keysResting } from "./keys-resting.ts";
import { linger } from "./linger.ts";
import { literalKeys } from "./literal-keys.ts";
import { logSize } from "./log-size.ts";
import { nodeVersion } from "./node-version.ts";
import { port } from "./port.ts";
import { providerChat } from "./provider-chat.ts";
import { providerDns } from "./provider-dns.ts";
import { providerKey } from "./provider-key.ts";
import { providerModels } from "./provider-models.ts";
import { providerProxy } from "./provider-proxy.ts";
import { providerStream } from "./provider-stream.ts";
import { providerTls } from "./provider-tls.ts";
import { providerTools } from "./provider-tools.ts";
import { proxyEnv } from "./proxy-env.ts";
import { staleTemps } from "./stale-temps.ts";
import { tlsEnv } from "./tls-env.ts";

/** Every check there is, in the order in which they are told: the machine, the files, the daemon, clients, providers. */
export const CHECKS: readonly Check[] = [
  nodeVersion,
  homeWritable,
  diskSpace,
  fileModes,
  configValid,
  configFields,
  aliasProvider,
  configured,
  configLock,
  staleTemps,
  logSize,
  daemonRunning,
  daemonVersion,
  port,
  bindScope,
  clientKeys,
  envKeys,
  daemonKeys,
  literalKeys,
  keysResting,
  linger,
  proxyEnv,
  tlsEnv,
  agentEnv,
  agentSettings,
  dockerUrl,
  providerProxy,
  clockSkew,
  providerDns,
  providerTls,
  providerKey,
  providerModels,
  providerChat,
  providerTools,
  providerStream,
];
