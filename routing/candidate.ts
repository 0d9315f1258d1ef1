import type { CompatConfig, ProviderConfig, ToolsMode } from "../storage/types.ts";
import type { SlotNames } from "./slots.ts";

/** One way to serve a request: a provider, its model, one of its keys. */
export interface Candidate {
  providerId: string;
  provider: ProviderConfig;
  /** The provider's name for the model. */
  model: string;
  /** The key as configured (`env:NAME`, …); undefined: none. */
  key?: string;
  /** Names the provider key in cooldowns and logs without showing it: `openrouter#2`. */
  keyName: string;
  /** What of it may rest. */
  names: SlotNames;
  tools: ToolsMode;
  /** The group's settings for emulated tools, and the target's over them. */
  compat: CompatConfig;
  params?: Record<string, unknown>;
}
