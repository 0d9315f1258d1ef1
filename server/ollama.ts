import type { Call, WireResponse } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import { goString, readGoBody, refuse } from "../adapters/go-json.ts";
import { isModelName, withTag } from "../adapters/model-tag.ts";
import { compact, type Json } from "../adapters/validate.ts";
import { answerCreate } from "./ollama-create.ts";
import { readModelName, type ManageHost } from "./ollama-host.ts";
import { answerPull, answerPush } from "./ollama-transfer.ts";
import { json, nothing } from "./ollama-wire.ts";

/**
 * Ollama's management routes, answered for a daemon whose models are aliases: what has a meaning here is done
 * (copying an alias, removing one), what has none is refused in Ollama's words. `body` is parsed JSON, or undefined
 * where there was none. Throws GatewayErrors, which the face's `writeError` turns into Ollama's shape.
 */
export async function handleManage(call: Call, body: unknown, host: ManageHost): Promise<WireResponse> {
  const answer = ANSWERS.get(call.variant ?? "");
  if (!answer) throw new GatewayError("not-found", "404 page not found", { code: "route_not_found" });
  return answer(call, body, host);
}

type Answer = (call: Call, body: unknown, host: ManageHost) => WireResponse | Promise<WireResponse>;

const root: Answer = () => ({
  status: 200,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: "Ollama is running",
});

const version: Answer = (_call, _body, host) => json(200, { version: host.version });

/** There is no cloud of Ollama's behind us. */
const status: Answer = () => json(200, { cloud: { disabled: true, source: "env" } });

/** Longest in memory first. */
async function ps(_call: Call, _body: unknown, host: ManageHost): Promise<WireResponse> {
  const loaded = (await host.loaded?.()) ?? [];
  const expiry = ({ expires_at: at }: Json): number => (typeof at === "string" ? Date.parse(at) || 0 : 0);
  return json(200, { models: [...loaded].sort((a, b) => expiry(b) - expiry(a)) });
}

async function show(call: Call, body: unknown, host: ManageHost): Promise<WireResponse> {
  const from = readGoBody(body, "ShowRequest");
  const name = readModelName(from);
  if (name === "") throw refuse("model is required");
  const native = await host.showNative?.(name, from.fields);
  if (native) return json(200, native);
  const model = await host.findModel(name);
  if (!model && !isModelName(name)) throw refuse("invalid model name");
  if (!model) throw new GatewayError("not-found", `model '${withTag(name)}' not found`);
  // Copilot compares with the name it asked for.
  return json(200, host.face.models?.writeOne({ ...model, id: name }, call));
}

async function copy(_call: Call, body: unknown, host: ManageHost): Promise<WireResponse> {
  const from = readGoBody(body, "CopyRequest");
  const source = goString(from, "source") ?? "";
  const destination = goString(from, "destination") ?? "";
  if (!isModelName(source)) throw refuse(`source "${source}" is invalid`);
  if (!isModelName(destination)) throw refuse(`destination "${destination}" is invalid`);
  if (!(await host.findModel(source))) throw new GatewayError("not-found", `model "${source}" not found`);
  await host.copyAlias(source, destination);
  return nothing(200);
}

async function remove(_call: Call, body: unknown, host: ManageHost): Promise<WireResponse> {
  const name = readModelName(readGoBody(body, "DeleteRequest"));
  if (name === "") throw refuse("model is required");
  if (!isModelName(name)) throw refuse(`name "${name}" is invalid`);
  if (!(await host.removeAlias(name))) throw new GatewayError("not-found", `model '${name}' not found`);
  return nothing(200);
}

function blobHead(call: Call): WireResponse {
  checkDigest(call.params.digest ?? "");
  return nothing(404);
}

function blobCreate(call: Call): WireResponse {
  checkDigest(call.params.digest ?? "");
  throw refuse("model files cannot be stored here: models are served by the configured providers");
}

const me: Answer = () => {
  throw new GatewayError("authentication", "unauthorized");
};

const signout: Answer = () => {
  throw new GatewayError("authentication", "you are not currently signed in");
};

const cloudOnly =
  (what: string): Answer =>
  (_call, body) => {
    if (body === undefined) throw refuse("missing request body");
    throw new GatewayError("permission", `ollama cloud is disabled: ${what} is unavailable`);
  };

/** `ollama launch` offers these. */
async function recommendations(_call: Call, _body: unknown, host: ManageHost): Promise<WireResponse> {
  const models = await host.listModels();
  const written = models.map(({ id, displayName, contextLength, maxOutputTokens }) =>
    compact({
      model: id,
      description: displayName ?? id,
      context_length: contextLength,
      max_output_tokens: maxOutputTokens,
    }),
  );
  return json(200, { recommendations: written });
}

export function checkDigest(digest: string): void {
  if (!/^sha256[:-][0-9a-fA-F]{64}$/.test(digest)) throw refuse("invalid digest format");
}

const ANSWERS = new Map<string, Answer>([
  ["root", root],
  ["version", version],
  ["status", status],
  ["ps", ps],
  ["show", show],
  ["pull", (_call, body, host) => answerPull(body, host)],
  ["push", (_call, body, host) => answerPush(body, host)],
  ["create", (_call, body, host) => answerCreate(body, host)],
  ["copy", copy],
  ["delete", remove],
  ["blob-head", blobHead],
  ["blob-create", blobCreate],
  ["me", me],
  ["signout", signout],
  ["web-search", cloudOnly("web search")],
  ["web-fetch", cloudOnly("web fetch")],
  ["recommendations", recommendations],
]);
