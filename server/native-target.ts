import { isGlob } from "../routing/glob.ts";
import type { Router } from "../routing/router.ts";
import type { ProviderConfig, ToolsMode } from "../storage/types.ts";
import { DEMO_BASE_URL } from "./demo/answer-demo.ts";

/** A model at a provider that speaks the client's own protocol, so that requests about it can be handed on as they are. */
export interface NativeTarget {
  providerId: string;
  provider: ProviderConfig;
  /** The provider's name of the model. */
  model: string;
  tools: ToolsMode;
  /** The name is an alias of its own; else a pattern led here. */
  exact: boolean;
}

/** The first target of a name in a group, if it is of this protocol and more than the built-in stand-in. */
export function findNativeTarget(
  router: Router,
  protocol: string,
  { group, name }: { group: string; name: string },
): NativeTarget | undefined {
  const alias = router.group(group).aliases.find(name);
  if (alias === undefined) return undefined;
  const [first] = targetsOf(router, group, name);
  if (!first || first.provider.protocol !== protocol || isDemo(first.provider)) return undefined;
  return { ...first, exact: !isGlob(alias) };
}

export const isDemo = (provider: ProviderConfig): boolean => provider.baseUrl === DEMO_BASE_URL;

/** None where all are switched off. */
function targetsOf(router: Router, group: string, name: string) {
  try {
    return router.targets(group, name);
  } catch {
    return [];
  }
}
