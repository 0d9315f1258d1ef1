import type { Call } from "../../adapters/adapter.ts";
import { goObject, goString, readGoBody, type GoStruct } from "../../adapters/go-json.ts";
import { isModelName } from "../../adapters/model-tag.ts";
import type { Json } from "../../adapters/validate.ts";
import { listChanges } from "./create.ts";
import type { ForwardRequest } from "./forward.ts";
import { readModelName } from "./host.ts";
import type { NativeTarget } from "../native-target.ts";

export interface ForwardPlan {
  target: NativeTarget;
  request: ForwardRequest;
}

/** The real Ollama that a name leads to. */
export type FindTarget = (name: string) => NativeTarget | undefined;

/**
 * What a real Ollama behind us is to do about a management request, with the model's name there; undefined where it is
 * ours to answer. Aliases are ours: copying and deleting one changes the configuration, never the model behind it.
 */
export function planForward(call: Call, body: unknown, find: FindTarget): ForwardPlan | undefined {
  const plan = PLANS.get(call.variant ?? "");
  // An unusable body is refused by the route itself.
  return plan && body !== undefined ? plan(body, find) : undefined;
}

type Plan = (body: unknown, find: FindTarget) => ForwardPlan | undefined;

const transfer =
  (path: string, type: string): Plan =>
  (body, find) => {
    const from = readGoBody(body, type);
    const target = findNamed(readModelName(from), find);
    return target && plan("POST", path, target, rename(from, target.model));
  };

const remove: Plan = (body, find) => {
  const from = readGoBody(body, "DeleteRequest");
  const target = findNamed(readModelName(from), find);
  return target && !target.exact
    ? plan("DELETE", "/api/delete", target, rename(from, target.model))
    : undefined;
};

const copy: Plan = (body, find) => {
  const from = readGoBody(body, "CopyRequest");
  const source = findNamed(goString(from, "source") ?? "", find);
  const destination = findNamed(goString(from, "destination") ?? "", find);
  // A copy that no name of the group would lead to is better kept as an alias.
  if (!source || source.exact || !destination || destination.exact || !isSame(source, destination))
    return undefined;
  const names = { source: source.model, destination: destination.model };
  return plan("POST", "/api/copy", source, { ...from.fields, ...names });
};

const create: Plan = (body, find) => {
  const from = readGoBody(body, "CreateRequest");
  const name = readModelName(from);
  const source = goString(from, "from")?.trim() ?? "";
  const base = findNamed(source, find);
  const files = ["files", "draft_files", "adapters"].some(
    (key) => Object.keys(goObject(from, key, "map[string]string") ?? {}).length > 0,
  );
  // Nothing but another name for an alias of ours: one more alias.
  if (base?.exact && !files && listChanges(from).length === 0) return undefined;
  const target = findNamed(name, find);
  // Under the name of an alias it would replace a model of another name.
  if (!target || target.exact || (base && !isSame(base, target))) return undefined;
  // What it starts from is another provider's.
  if (source !== "" && !base) return undefined;
  const renamed = rename(from, target.model);
  return plan("POST", "/api/create", target, base ? { ...renamed, from: base.model } : renamed);
};

const findNamed = (name: string, find: FindTarget): NativeTarget | undefined =>
  isModelName(name) ? find(name) : undefined;

const isSame = (a: NativeTarget, b: NativeTarget): boolean => a.providerId === b.providerId;

/** The body under the provider's name of the model, given by the newer of the two keys. */
function rename(from: GoStruct, model: string): Json {
  const { name: _name, model: _model, ...rest } = from.fields;
  return { model, ...rest };
}

const plan = (
  method: ForwardRequest["method"],
  path: string,
  target: NativeTarget,
  body: Json,
): ForwardPlan => ({ target, request: { method, path, body: JSON.stringify(body) } });

const PLANS = new Map<string, Plan>([
  ["pull", transfer("/api/pull", "PullRequest")],
  ["push", transfer("/api/push", "PushRequest")],
  ["delete", remove],
  ["copy", copy],
  ["create", create],
]);
