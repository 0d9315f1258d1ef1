import type { GroupConfig } from "../storage/types.ts";
import type { RequestEdits } from "../adapters/edits.ts";
import { matchesGlob } from "../routing/glob.ts";
import { remember, rememberFor } from "./remember.ts";

/** What a group changes in a request for `model`; undefined when it changes nothing. */
export const toEdits = (group: GroupConfig, model: string): RequestEdits | undefined =>
  editsOf(group)(model) ?? undefined;

const editsOf = rememberFor((group: GroupConfig) => remember((model) => findEdits(group, model) ?? null));

function findEdits(group: GroupConfig, model: string): RequestEdits | undefined {
  const prompt = group.prompt;
  const applies =
    prompt && (!prompt.models?.length || prompt.models.some((glob) => matchesGlob(glob, model)));
  const edits: RequestEdits = {};
  if (applies && prompt.mode !== "off" && prompt.text) {
    edits.prompt = { mode: prompt.mode, text: prompt.text, position: prompt.position ?? "system" };
  }
  if (applies && prompt.replace?.length) edits.replace = prompt.replace;
  if (group.toolFilter?.length) edits.dropTools = group.toolFilter;
  if (group.temperatureRatio !== undefined && group.temperatureRatio !== 1)
    edits.temperatureRatio = group.temperatureRatio;
  return Object.keys(edits).length ? edits : undefined;
}
