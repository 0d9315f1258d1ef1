import { GatewayError } from "../adapters/errors.ts";
import { sendBody } from "./send-body.ts";
import { authorise, reachesModel } from "./auth.ts";
import type { Exchange } from "./exchange.ts";
import type { ModelDirectory } from "./models.ts";
import { resolveModel } from "./resolve-model.ts";

/** Model lists and single models, in the shape of the caller's protocol. */
export async function handleModels(exchange: Exchange, directory: ModelDirectory): Promise<void> {
  const { face, call, deps, res } = exchange;
  if (!face.models) throw new GatewayError("not-found", "this protocol has no model list");
  const headers = face.responseHeaders ?? { "content-type": "application/json" };
  const write = face.writeJson ?? JSON.stringify;
  if (call.job === "models") {
    const { name } = deps.router().group(exchange.group);
    authorise(exchange.principal, name);
    const models = (await directory.list(name)).filter(({ id }) => reachesModel(exchange.principal, id));
    return sendBody(res, 200, headers, write(face.models.writeList(models, call)));
  }
  const asked = call.params.model ?? "";
  const { group, alias } = resolveModel(deps.router(), exchange.group, asked);
  authorise(exchange.principal, deps.router().group(group).name, alias);
  const model = await directory.find(group, alias);
  sendBody(res, 200, headers, write(face.models.writeOne({ ...model, id: asked }, call)));
}
