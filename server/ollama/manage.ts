import type { Call, WireResponse } from "../../adapters/adapter.ts";
import { GatewayError } from "../../adapters/errors.ts";
import { goBoolean, goObject, goQuote, goString, readGoBody, refuse } from "../../adapters/go-json.ts";
import { isModelName, withTag } from "../../adapters/model-tag.ts";
import { compact, type Json } from "../../adapters/validate.ts";
import { answerCreate } from "./create.ts";
import { readModelName, type ManageHost } from "./host.ts";
import { answerPull, answerPush } from "./transfer.ts";
import { json, nothing } from "./wire.ts";

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
  goBoolean(from, "verbose");
  for (const key of ["system", "template"]) goString(from, key);
  goObject(from, "options", "map[string]interface {}");
  if (name === "") throw refuse("model is required");
  const native = await host.showNative?.(name, from.fields);
  if (native) return json(200, native);
  const model = await host.findModel(name);
  if (!model) {
    const message = `model '${withTag(name)}' not found`;
    throw new GatewayError("not-found", message, { code: "model_not_found", param: name });
  }
  // Copilot compares with the name it asked for.
  return json(200, host.face.models?.writeOne({ ...model, id: name }, call));
}

async function copy(_call: Call, body: unknown, host: ManageHost): Promise<WireResponse> {
  const from = readGoBody(body, "CopyRequest");
  const source = goString(from, "source") ?? "";
  const destination = goString(from, "destination") ?? "";
  if (!isModelName(source)) throw refuse(`source ${goQuote(source)} is invalid`);
  if (!isModelName(destination)) throw refuse(`destination ${goQuote(destination)} is invalid`);
  if (!(await host.findModel(source)))
    throw new GatewayError("not-found", `model ${goQuote(source)} not found`);
  await host.copyAlias(source, destination);
  return nothing(200);
}

async function remove(_call: Call, body: unknown, host: ManageHost): Promise<WireResponse> {
  const name = readModelName(readGoBody(body, "DeleteRequest"));
  if (name === "") throw refuse("model is required");
  if (!isModelName(name)) throw refuse(`name ${goQuote(name)} is invalid`);
  if (!(await host.removeAlias(name))) throw new GatewayError("not-found", `model '${name}' not found`);
  return nothing(200);
}

function blobHead(call: Call): WireResponse {
  const digest = call.params.digest ?? "";
  checkDigest(digest);
  throw new GatewayError("not-found", `blob ${goQuote(digest)} not found`);
}

function blobCreate(call: Call): WireResponse {
  checkDigest(call.params.digest ?? "");
  throw refuse("model files cannot be stored here: models are served by the configured providers");
}

/** Nobody is signed in. The page is the one Ollama names; the key that it would ask for is none of ours to make up. */
const me: Answer = () => json(401, { error: "unauthorized", signin_url: SIGN_IN_URL });

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

const SIGN_IN_URL = "https://ollama.com/connect";
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
