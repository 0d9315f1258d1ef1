import type { Config, GroupConfig, ProviderConfig } from "../../storage/types.ts";
import { DEMO_BASE_URL } from "./answer-demo.ts";

/**
 * The configuration in force: as configured, and with the built-in stand-in as provider `demo` where a target names it
 * or while there is no provider at all, so that a first request, a client's wiring and compat mode can be tried at once.
 */
export function withDemo(config: Config): Config {
  const providers = { demo: DEMO, ...config.providers };
  if (Object.keys(config.providers).length > 0) return namesDemo(config) ? { ...config, providers } : config;
  const groups = Object.keys(config.groups).length ? config.groups : { default: { models: {} } };
  return {
    ...config,
    providers,
    groups: mapValues(groups, (group) => (isEmpty(group) ? { ...group, models: MODELS } : group)),
  };
}

const namesDemo = (config: Config): boolean =>
  Object.values(config.groups).some((group) => JSON.stringify(group.models).includes('"demo/'));

const isEmpty = (group: GroupConfig): boolean => Object.keys(group.models).length === 0;

const mapValues = <T>(record: Record<string, T>, map: (value: T) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));

const DEMO: ProviderConfig = { protocol: "ollama", baseUrl: DEMO_BASE_URL, models: ["demo"] };
const MODELS: GroupConfig["models"] = { demo: "demo/demo", "*": "demo/demo" };
