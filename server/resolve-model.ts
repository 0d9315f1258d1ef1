import type { Router } from "../routing/router.ts";

/** The group and alias a model name means: `group@alias` wins over the path's group, if there is such a group. */
export function resolveModel(
  router: Router,
  pathGroup: string,
  model: string,
): { group: string; alias: string } {
  const at = model.indexOf("@");
  if (at > 0) {
    const named = model.slice(0, at).toLowerCase();
    const group = router.groupNames().find((name) => name.toLowerCase() === named);
    if (group !== undefined) return { group, alias: model.slice(at + 1) };
  }
  return { group: pathGroup, alias: model };
}
