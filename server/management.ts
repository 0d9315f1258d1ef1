import { PassThrough } from "node:stream";
import { GatewayError } from "../adapters/errors.ts";
import { withoutLatest } from "../adapters/model-tag.ts";
import { isGlob } from "../routing/glob.ts";
import { isAliasObject } from "../storage/targets-of.ts";
import type { AliasConfig, GroupConfig, TargetConfig } from "../storage/types.ts";
import { sendBody } from "./send-body.ts";
import { authorise, isLocal, reachesModel } from "./auth.ts";
import type { Deps } from "./deps.ts";
import type { Exchange } from "./exchange.ts";
import type { ModelDirectory } from "./models.ts";
import { findNativeTarget, type NativeTarget } from "./native-target.ts";
import { checkDigest, handleManage } from "./ollama/manage.ts";
import { forward } from "./ollama/forward.ts";
import type { ManageHost } from "./ollama/host.ts";
import { listLoaded, showNative } from "./ollama/native.ts";
import { planForward } from "./ollama/plan.ts";
import { readJson, readText } from "./read-body.ts";
import { resolveModel } from "./resolve-model.ts";
import { toWord } from "../adapters/validate.ts";

/**
 * Routes that belong to one protocol alone, over the aliases of the path's group. What a provider of the same protocol
 * can do itself about its models is handed on to it.
 */
export function createManagement(deps: Deps, directory: ModelDirectory) {
  return async function manage(exchange: Exchange): Promise<void> {
    const { req, res, call, face, principal } = exchange;
    const variant = call.variant ?? "";
    // The daemon's greeting and version are there whatever group the path names.
    if (!PLAIN.has(variant)) authorise(principal, deps.router().group(exchange.group).name);
    if (CHANGING.has(variant)) checkCaller(exchange);
    if (BLOBS.has(variant)) {
      checkDigest(call.params.digest ?? "");
      const store = findStore(exchange);
      if (store) return forwardBlob(exchange, store);
    }
    // A file that nobody takes may be large, and is no JSON.
    const text = BLOBS.has(variant) ? "" : await readText(req, deps.config().server);
    const body = text.trim() === "" ? undefined : readJson(text, face).body;
    const plan = planForward(call, body, (name) => findTarget(exchange, name));
    if (plan) return forward(exchange, plan.target, plan.request);
    const answer = await handleManage(call, body, createHost(exchange, directory));
    sendBody(res, answer.status, answer.headers, answer.body);
  };
}

/** The group and alias that a name means; the caller must reach the group. */
function locate({ deps, group, principal }: Exchange, model: string): { group: string; name: string } {
  const { group: asked, alias } = resolveModel(deps.router(), group, model);
  const { name } = deps.router().group(asked);
  authorise(principal, name, alias);
  return { group: name, name: alias };
}

function findTarget(exchange: Exchange, name: string): NativeTarget | undefined {
  return findNativeTarget(exchange.deps.router(), exchange.adapter.protocol, locate(exchange, name));
}

/** Whoever changes models is this machine's own user or has a key. */
function checkCaller({ principal, req, call }: Exchange): void {
  const { remoteAddress } = req.socket;
  if (principal.keyId !== undefined || isLocal({ headers: call.headers, remoteAddress })) return;
  throw new GatewayError("permission", "models are changed from this machine, or with a client key");
}

/** Where files of models go, which carry no model's name: to the provider that takes names nobody configured. */
function findStore({ deps, group, adapter }: Exchange): NativeTarget | undefined {
  const { name, aliases } = deps.router().group(group);
  for (const alias of [...aliases.globs, ...aliases.exact]) {
    const target = findNativeTarget(deps.router(), adapter.protocol, { group: name, name: alias });
    if (target) return target;
  }
  return undefined;
}

function forwardBlob(exchange: Exchange, store: NativeTarget): Promise<void> {
  const { req, call } = exchange;
  const path = `/api/blobs/${call.params.digest}`;
  if (call.variant === "blob-head") return forward(exchange, store, { method: "HEAD", path });
  const length = req.headers["content-length"];
  const headers = {
    "content-type": req.headers["content-type"] ?? "application/octet-stream",
    ...(length !== undefined && { "content-length": length }),
  };
  // The provider's connection may end before the client's has said all: the client still wants to hear why.
  return forward(exchange, store, { method: "POST", path, headers, body: req.pipe(new PassThrough()) });
}

function createHost(exchange: Exchange, directory: ModelDirectory): ManageHost {
  const { deps, face } = exchange;
  const mayName = (model: string): boolean => reachesModel(exchange.principal, model);
  return {
    face,
    version: OLLAMA_VERSION,
    listModels: async () => (await directory.list(exchange.group)).filter(({ id }) => mayName(id)),
    async findModel(asked) {
      const { group, name } = locate(exchange, asked);
      try {
        return { ...(await directory.find(group, name)), id: asked };
      } catch (error) {
        if (error instanceof GatewayError && error.kind === "not-found") return undefined;
        throw error;
      }
    },
    async copyAlias(from, to) {
      const { group, name } = locate(exchange, from);
      const alias = deps.router().group(group).aliases.find(name);
      const target = locate(exchange, to);
      const targets = alias === undefined ? undefined : deps.config().groups[group]?.models[alias];
      if (alias === undefined || targets === undefined) return;
      // What a pattern's target leaves open is what was asked for by it.
      const model = withoutLatest(isGlob(alias) ? name : alias);
      await changeAliases(deps, target.group, (models) => {
        models[withoutLatest(target.name)] = fillTargets(targets, model);
      });
    },
    async removeAlias(asked) {
      const { group, name } = locate(exchange, asked);
      const alias = deps.router().group(group).aliases.find(name);
      if (alias === undefined || isGlob(alias)) return false;
      await changeAliases(deps, group, (models) => {
        delete models[alias];
      });
      return true;
    },
    async showNative(name, fields) {
      const target = findTarget(exchange, name);
      return target && showNative(exchange, target, { name, fields });
    },
    async loaded() {
      const items = await listLoaded(exchange, deps.router().group(exchange.group).name);
      return items.filter(({ model }) => mayName(toWord(model)));
    },
  };
}

/** Changes the aliases of a group in the configuration file; the built-in demo's group is made real first. */
function changeAliases(
  deps: Deps,
  group: string,
  change: (models: GroupConfig["models"]) => void,
): Promise<void> {
  const inForce = deps.config().groups[group];
  return deps.storage.config.update((draft) => {
    const target = (draft.groups[group] ??= structuredClone(inForce ?? { models: {} }));
    change(target.models);
  });
}

function fillTargets(alias: AliasConfig, model: string): AliasConfig {
  const fill = (text: string): string => text.replace("*", () => model);
  const fillOne = (one: TargetConfig): TargetConfig =>
    typeof one === "string" ? fill(one) : { ...structuredClone(one), target: fill(one.target) };
  if (isAliasObject(alias)) return { ...alias, targets: alias.targets.map(fillOne) };
  return Array.isArray(alias) ? alias.map(fillOne) : fillOne(alias);
}

/**
 * The version we answer as: plain `N.N.N`, since VS Code Copilot reads its parts as numbers, and above what
 * clients ask for (Codex 0.13.4, the VS Code extension 0.17.6).
 */
const OLLAMA_VERSION = "0.33.0";
const PLAIN = new Set(["root", "version", "status"]);
const BLOBS = new Set(["blob-head", "blob-create"]);
const CHANGING = new Set(["pull", "push", "create", "copy", "delete", "blob-create"]);
