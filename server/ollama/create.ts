import type { WireResponse } from "../../adapters/adapter.ts";
import { goBoolean, goObject, goString, readGoBody, refuse, type GoStruct } from "../../adapters/go-json.ts";
import { isModelName } from "../../adapters/model-tag.ts";
import { readModelName, type ManageHost } from "./host.ts";
import { progress, refusal } from "./wire.ts";
import { toWord } from "../../adapters/validate.ts";

/**
 * `/api/create`: with `from` alone it makes an alias of an alias. What would change the model (a system prompt,
 * parameters, files …) cannot be kept in one, so it is refused rather than lost.
 */
export async function answerCreate(
  body: unknown,
  host: Pick<ManageHost, "findModel" | "copyAlias">,
): Promise<WireResponse> {
  const from = readGoBody(body, "CreateRequest");
  const name = readModelName(from);
  const source = goString(from, "from")?.trim() ?? "";
  const stream = goBoolean(from, "stream") ?? true;
  if (!isModelName(name)) throw refuse("invalid model name");
  checkFiles(from);
  if (source === "") return refusal("neither 'from' or 'files' was specified");
  const changes = listChanges(from);
  if (changes.length) {
    throw refuse(
      `an alias cannot keep ${changes.join(", ")}: set a prompt for the group in the configuration, or send it with each request`,
    );
  }
  if (!isModelName(source)) return refusal("invalid model name");
  if (!(await host.findModel(source))) {
    return progress(["pulling manifest"], { error: "pull model manifest: file does not exist" }, stream);
  }
  await host.copyAlias(source, name);
  return progress(["reading model metadata", "writing manifest"], {}, stream);
}

/** The fields of a request that would make the new model another than the one it is made from. */
export const listChanges = (from: GoStruct): string[] => CHANGES.filter((key) => isFilled(from.fields[key]));

function checkFiles(from: GoStruct): void {
  for (const key of ["files", "draft_files", "adapters"]) {
    const files = goObject(from, key, "map[string]string") ?? {};
    for (const [path, digest] of Object.entries(files)) {
      if (path.startsWith("/") || path.split("/").includes("..")) throw refuse("file path must be relative");
      if (!/^sha256[:-][0-9a-fA-F]{64}$/.test(toWord(digest))) throw refuse("invalid digest format");
      throw refuse("models cannot be made from files here: they are served by the configured providers");
    }
  }
}

const isFilled = (value: unknown): boolean => {
  if (value === undefined || value === null || value === "" || value === false) return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
};

const CHANGES = [
  ..."system template parameters messages license quantize quantization draft_quantize".split(" "),
  ..."renderer parser requires capabilities info remote_host".split(" "),
];
