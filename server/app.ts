import type { IncomingMessage, ServerResponse } from "node:http";
import { H3, toNodeHandler, type H3Event } from "h3";
import { GatewayError } from "../adapters/errors.ts";
import { handleCountTokens } from "./count-tokens.ts";
import type { Deps, OwnAnswer, OwnRequest } from "./deps.ts";
import { handleEmbed } from "./embed.ts";
import type { Exchange } from "./exchange.ts";
import type { ExplainQuery } from "./explain.ts";
import { clearRests } from "./clear-rests.ts";
import { createManagement } from "./management.ts";
import { createModelDirectory } from "./models.ts";
import { handleModels } from "./list-models.ts";
import { handleStored } from "./handle-stored.ts";
import { readMetrics } from "./metrics.ts";
import { isAdmin, readStatus } from "./status.ts";
import { readUsage } from "./usage/read-usage.ts";

export interface App {
  /** Our own routes: health, readiness, status, metrics, administration. */
  own: (req: IncomingMessage, res: ServerResponse) => void;
  /** A protocol's route that is no chat. */
  handle: (exchange: Exchange) => Promise<void>;
}

/** Everything but chats. */
export function createApp(deps: Deps): App {
  const app = new H3({ onError: () => undefined });
  app.get("/ready", () => (isReady(deps) ? json({ ready: true }) : json({ ready: false }, 503)));
  const { askWhole } = deps;
  if (askWhole) app.all("/**", async ({ req }) => toResponse(await askWhole(await toOwnRequest(req))));
  else addAdministration(app, deps);

  const directory = createModelDirectory(deps);
  const management = createManagement(deps, directory);
  return {
    own: toNodeHandler(app) as App["own"],
    handle(exchange) {
      switch (exchange.call.job) {
        case "embed":
          return handleEmbed(exchange);
        case "count-tokens":
          return handleCountTokens(exchange);
        case "models":
        case "model":
          return handleModels(exchange, directory);
        case "manage":
          return management(exchange);
        case "stored":
          return handleStored(exchange);
        case "chat":
          return Promise.reject(new GatewayError("internal", "a chat came to the wrong door"));
        default:
          return exchange.call.job satisfies never;
      }
    },
  };
}

/** What is asked about the daemon with the admin token. */
export function addAdministration(app: H3, deps: Deps): void {
  app.get("/status", (event) => asAdmin(deps, event, () => json(readStatus(deps))));
  app.get("/metrics", (event) => asAdmin(deps, event, async () => text(await readMetrics(deps))));
  app.get("/admin/usage", (event) =>
    asAdmin(deps, event, async () => {
      deps.flushLog();
      await deps.ledger.flush();
      const days = Number(new URL(event.req.url).searchParams.get("days") ?? 1);
      if (!Number.isInteger(days) || days < 1 || days > 366)
        return json({ error: "days: expected a number from 1 to 366" }, 400);
      return json({ rows: await readUsage(deps.storage.records, days, deps.now()) });
    }),
  );
  app.post("/admin/reload", (event) =>
    asAdmin(deps, event, async () => {
      await deps.storage.config.reload();
      return json({ ok: !deps.storage.config.problem, problem: deps.storage.config.problem });
    }),
  );
  app.post("/admin/explain", (event) =>
    asAdmin(deps, event, async () => {
      const { explain } = await import("./explain.ts");
      try {
        const query = (await event.req.json()) as ExplainQuery;
        return json(
          await explain(
            { router: deps.router(), config: deps.config(), resolveKey: deps.storage.resolveKey },
            query,
          ),
        );
      } catch (error) {
        if (error instanceof GatewayError) return json({ error: error.message, kind: error.kind }, 400);
        if (error instanceof SyntaxError) return json({ error: "the body is no JSON" }, 400);
        throw error;
      }
    }),
  );
  app.delete("/admin/cooldowns", (event) =>
    asAdmin(deps, event, () => {
      const name = new URL(event.req.url).searchParams.get("key") ?? undefined;
      return json({ ok: true, cleared: clearRests(deps.health, name) });
    }),
  );
  app.post("/admin/providers/:id/test", (event) =>
    asAdmin(deps, event, async () => {
      const { testByName } = await import("./provider-test/test-by-name.ts");
      return testByName(deps, new URL(event.req.url));
    }),
  );
  app.all("/**", () => json({ error: "no such route" }, 404));
}

async function toOwnRequest({ method, url, headers, body }: Request): Promise<OwnRequest> {
  const { pathname, search } = new URL(url);
  const text = await new Response(body).text();
  return {
    method,
    path: pathname + search,
    authorization: headers.get("authorization"),
    ...(text !== "" && { body: text.slice(0, MAX_BODY) }),
  };
}

const toResponse = ({ text, status, type }: OwnAnswer): Response =>
  new Response(text, { status, headers: { "content-type": type } });

/** Characters: what is asked about the daemon is short. */
const MAX_BODY = 1 << 20;

async function asAdmin(
  deps: Deps,
  event: H3Event,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  const authorization = event.req.headers.get("authorization");
  if (await isAdmin(deps, authorization)) return answer();
  try {
    if (authorization !== null) deps.knocks.count(event.runtime?.node?.req.socket.remoteAddress);
  } catch {
    return json({ error: "too many wrong tokens from this address: wait a minute" }, 429);
  }
  return json(
    {
      error:
        "this needs the admin token: Authorization: Bearer <content of the admin-token file in ccproxy's home>",
    },
    401,
  );
}

/** A usable route exists and no shutdown is under way. */
function isReady(deps: Deps): boolean {
  const { groups } = deps.config();
  return deps.accepting() && Object.values(groups).some((group) => Object.keys(group.models).length > 0);
}

const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

const text = ({ type, text }: { type: string; text: string }): Response =>
  new Response(text, { headers: { "content-type": type } });
