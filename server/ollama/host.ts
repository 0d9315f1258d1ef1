import type { ClientFace } from "../../adapters/adapter.ts";
import type { GoStruct } from "../../adapters/go-json.ts";
import { readName } from "../../adapters/model-tag.ts";
import type { ModelInfo } from "../../adapters/unified.ts";
import type { Json } from "../../adapters/validate.ts";

/** What the management routes need of the daemon, for the group that the path named. */
export interface ManageHost {
  /** The face whose routes these are: its writers make lists and descriptions. */
  face: Pick<ClientFace, "models">;
  /** Bare `N.N.N`, as clients parse it; Codex wants 0.13.4 at least, others 0.17.6. */
  version: string;
  /** The aliases of the group. */
  listModels: () => Promise<ModelInfo[]>;
  /** The alias that a name leads to, with or without `:latest`; its `id` is the name asked for or the alias. */
  findModel: (name: string) => Promise<ModelInfo | undefined>;
  /** Makes `to` an alias with the targets of `from`, which exists; replaces one that is there. */
  copyAlias: (from: string, to: string) => Promise<void>;
  /** Removes the alias of exactly this name (`:latest` aside); false when there is none. */
  removeAlias: (name: string) => Promise<boolean>;
  /** What a real Ollama behind the name answers to `/api/show`; undefined where there is none, or it cannot say. */
  showNative?: (name: string, fields: Json) => Promise<Json | undefined>;
  /** What real Ollamas have in memory, as their `/api/ps` lists it, under names of the group. Absent: nothing. */
  loaded?: () => Promise<Json[]>;
}

/** `name` is the older word; where both are given, `model` counts. */
export function readModelName(from: GoStruct): string {
  const model = readName(from, "model");
  const name = readName(from, "name");
  return model || name;
}
