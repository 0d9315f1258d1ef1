import type { Config, GroupConfig } from "../../storage/types.ts";
import type { Imported } from "./imported.ts";
import type { Note } from "./source.ts";

/** Puts what was imported into a configuration. What is there stays: notes say what was not put in its place. */
export function mergeImported(config: Config, imported: Imported, groupName: string): Note[] {
  const notes: Note[] = [];
  const kept = (path: string, text: string): void => void notes.push({ path, fate: "attention", text });
  for (const [id, provider] of Object.entries(imported.providers)) {
    const known = config.providers[id];
    if (!known) config.providers[id] = provider;
    else if (JSON.stringify(known) !== JSON.stringify(provider))
      kept(`providers.${id}`, "there is one of that name, which stays as it is; targets lead to it");
  }
  const { models, rules, strategy, contextOverflow } = imported;
  if (Object.keys(models).length === 0 && rules.length === 0) return notes;
  const name = Object.keys(config.groups).find((known) => known.toLowerCase() === groupName.toLowerCase());
  const group: GroupConfig = config.groups[name ?? groupName] ?? { models: {} };
  config.groups[name ?? groupName] = group;
  for (const [alias, targets] of Object.entries(models)) {
    const known = Object.keys(group.models).find((other) => other.toLowerCase() === alias.toLowerCase());
    if (known === undefined) group.models[alias] = targets;
    else if (JSON.stringify(group.models[known]) !== JSON.stringify(targets))
      kept(`groups.${groupName}.models.${alias}`, "there is an alias of that name, which stays as it is");
  }
  const fresh = rules.filter(
    (rule) => !group.rules?.some((known) => JSON.stringify(known) === JSON.stringify(rule)),
  );
  if (fresh.length > 0) group.rules = [...(group.rules ?? []), ...fresh];
  if (strategy && group.strategy === undefined) group.strategy = strategy;
  if (contextOverflow) group.failover = { ...group.failover, contextOverflow: true };
  return notes;
}
