import { toHint } from "./suggest.ts";
import { isAliasObject, listTargets } from "./targets-of.ts";
import type { AliasConfig, CompatConfig, Config, GroupConfig, RuleConfig, TargetConfig } from "./types.ts";

export type Report = (path: Path, message: string) => void;
type Path = (string | number)[];

/** What the schema cannot say of a group: targets that lead nowhere, rules that cannot hold. */
export function checkGroup(
  config: Config,
  name: string,
  group: GroupConfig,
  report: { refuse: Report; warn: Report },
): void {
  const at: Path = ["groups", name];
  checkCompat(at, group.compat, report.refuse);
  for (const [alias, value] of Object.entries(group.models)) {
    const path = [...at, "models", alias];
    if (alias.trim() === "") report.refuse(path, "an alias needs a name");
    if (isObject(value) && !isAliasObject(value) && !("target" in value)) {
      report.refuse(path, "expected a target, or targets with a strategy");
      continue;
    }
    for (const [index, target] of listTargets(value).entries())
      checkTarget(config, toPlace(path, value, index), target, report);
  }
  for (const [index, rule] of (group.rules ?? []).entries())
    checkRule(config, [...at, "rules", index], { group, rule }, report);
}

function toPlace(path: Path, alias: AliasConfig, index: number): Path {
  if (isAliasObject(alias)) return [...path, "targets", index];
  return Array.isArray(alias) ? [...path, index] : path;
}

function checkTarget(
  config: Config,
  at: Path,
  target: TargetConfig,
  report: { refuse: Report; warn: Report },
): void {
  if (typeof target === "string") return checkTargetText(config, at, target, report);
  checkCompat(at, target.compat, report.refuse);
  checkTargetText(config, [...at, "target"], target.target, report);
}

function checkTargetText(
  config: Config,
  at: Path,
  text: string,
  { refuse, warn }: { refuse: Report; warn: Report },
): void {
  const slash = text.indexOf("/");
  if (slash < 1 || slash === text.length - 1) return refuse(at, `expected provider/model, got "${text}"`);
  const provider = text.slice(0, slash);
  if (Object.hasOwn(config.providers, provider)) return;
  if (provider !== DEMO)
    return refuse(at, `there is no provider "${provider}"${toHint(provider, Object.keys(config.providers))}`);
  if (Object.keys(config.providers).length > 0)
    warn(at, "the demo is served only while there is no provider");
}

function checkRule(
  config: Config,
  at: Path,
  { group, rule }: { group: GroupConfig; rule: RuleConfig },
  report: { refuse: Report; warn: Report },
): void {
  if (isObject(rule.when) && Object.keys(rule.when).length === 0)
    report.refuse([...at, "when"], 'expected at least one condition, or "default" for all requests');
  const aliases = Object.keys(group.models);
  if (aliases.some((alias) => alias.toLowerCase() === rule.use.toLowerCase())) return;
  if (rule.use.includes("/")) return checkTargetText(config, [...at, "use"], rule.use, report);
  report.refuse(
    [...at, "use"],
    `expected an alias of the group or provider/model, got "${rule.use}"${toHint(rule.use, aliases)}`,
  );
}

/** A tool prompt without its tools would leave the model to guess. */
function checkCompat(at: Path, compat: CompatConfig | undefined, refuse: Report): void {
  if (compat?.prompt !== undefined && !compat.prompt.includes("{tools}"))
    refuse([...at, "compat", "prompt"], "expected {tools} where the tools are to stand");
}

const isObject = <T>(value: T): value is Exclude<T, string | unknown[]> =>
  typeof value === "object" && !Array.isArray(value);

/** The built-in stand-in, served while no provider is configured. */
const DEMO = "demo";
