import type { ModelInfo } from "../adapters/unified.ts";
import type { ProviderConfig } from "../storage/types.ts";
import { readByModel } from "./read-by-model.ts";

/** What is known of a model, with what its provider's configuration says of it in place of what the provider says. */
export function withConfigured(
  info: ModelInfo,
  { provider, model }: { provider: ProviderConfig; model: string },
): ModelInfo {
  const contextLength = readByModel(provider.contextLength, model) ?? info.contextLength;
  const given = readByModel(provider.capabilities, model);
  const told = info.capabilities ?? [];
  // One that makes embeddings does not talk, whatever a pattern says of all models.
  const isMute = told.length ? !told.includes("completion") : /embed/i.test(model);
  const sure = given === undefined || isMute ? undefined : toAbilities(given, told);
  return { ...info, ...(contextLength && { contextLength }), ...(sure && { capabilities: sure }) };
}

/** Ollama's words. Of the four that can be configured only those given; others as told. */
function toAbilities(given: readonly string[], told: readonly string[]): string[] {
  const others = told.filter((word) => word !== "completion" && !CONFIGURED.includes(word));
  return ["completion", ...CONFIGURED.filter((word) => given.includes(word)), ...others];
}

const CONFIGURED = ["tools", "vision", "thinking"];
