import type { WireResponse } from "../../adapters/adapter.ts";
import { goBoolean, readGoBody, refuse } from "../../adapters/go-json.ts";
import { isModelName } from "../../adapters/model-tag.ts";
import { readModelName, type ManageHost } from "./host.ts";
import { progress } from "./wire.ts";

/** `/api/pull`: an alias is there already; a name that is none cannot be fetched from anywhere. */
export async function answerPull(body: unknown, host: Pick<ManageHost, "findModel">): Promise<WireResponse> {
  const from = readGoBody(body, "PullRequest");
  const name = readModelName(from);
  const stream = goBoolean(from, "stream") ?? true;
  goBoolean(from, "insecure");
  if (!isModelName(name)) throw refuse("invalid model name");
  if (await host.findModel(name)) {
    return progress(["pulling manifest", "verifying sha256 digest", "writing manifest"], {}, stream);
  }
  // The words Ollama's own command line looks for.
  return progress(["pulling manifest"], { error: "pull model manifest: file does not exist" }, stream);
}

/** `/api/push`: aliases belong to this daemon's configuration; there is nothing to upload. */
export async function answerPush(body: unknown, host: Pick<ManageHost, "findModel">): Promise<WireResponse> {
  const from = readGoBody(body, "PushRequest");
  const name = readModelName(from);
  const stream = goBoolean(from, "stream") ?? true;
  goBoolean(from, "insecure");
  if (name === "") throw refuse("model is required");
  const error = (await host.findModel(name))
    ? "you are not authorized to push to this namespace: models here are aliases of configured providers"
    : `model '${name}' not found`;
  return progress(["retrieving manifest"], { error }, stream);
}
