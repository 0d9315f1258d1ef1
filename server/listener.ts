import type { IncomingMessage, ServerResponse } from "node:http";
import type { Headers } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import { sendBody } from "./answer.ts";
import { authenticate } from "./auth.ts";
import { handleChat } from "./chat.ts";
import type { Deps } from "./deps.ts";
import type { Exchange } from "./exchange.ts";
import { guard } from "./guard.ts";
import { createMatcher } from "./match.ts";
import { parsePath } from "./path.ts";
import type { RequestLogEntry } from "./request-log.ts";
import { respondError } from "./respond.ts";
import { tidyPath } from "./tidy-path.ts";

export type Listener = (req: IncomingMessage, res: ServerResponse) => void;

/**
 * The daemon's request listener. Chats are answered straight on Node's request and response; everything else goes
 * through the h3 app, which is loaded when the first of it comes.
 */
export function createListener(deps: Deps): Listener {
  const match = createMatcher(deps.adapters);
  const loadApp = lazy(async () => (await import("./app.ts")).createApp(deps));

  return function listen(req, res) {
    const method = req.method ?? "GET";
    const url = req.url ?? "/";
    const question = url.indexOf("?");
    const path = question === -1 ? url : url.slice(0, question);
    const query = new URLSearchParams(question === -1 ? "" : url.slice(question + 1));
    const headers = req.headers as Headers;
    const entry: RequestLogEntry = {
      time: new Date(deps.now()).toISOString(),
      method,
      path,
      status: 0,
      ms: 0,
    };
    logWhenOver(deps, res, entry);

    const verdict = guard(method, headers, deps.config().server);
    if (verdict.kind === "refuse") {
      entry.error = verdict.reason;
      return sendBody(res, 403, {}, "");
    }
    if (verdict.kind === "preflight") return void res.writeHead(204, verdict.cors).end();
    for (const [name, value] of Object.entries(verdict.cors ?? {})) res.setHeader(name, value);

    if (OWN_PATH.test(path)) {
      loadApp().then(
        (app) => app.own(req, res),
        () => sendBody(res, 500, {}, ""),
      );
      return;
    }
    const prefix = parsePath(path);
    const result = match(method, prefix.rest, query, headers);
    if (!("found" in result)) {
      const tidy = tidyPath(path);
      const better = tidy === undefined ? undefined : match(method, parsePath(tidy).rest, query, headers);
      if (tidy !== undefined && better && "found" in better && better.found.face.tidyPaths) {
        // 301 lets clients turn a POST into a GET.
        const location = question === -1 ? tidy : tidy + url.slice(question);
        return sendBody(res, method === "GET" ? 301 : 307, { location }, "");
      }
      return respondError(noRoute(method, prefix.rest, result.allowed), { ...result.missing, res, entry });
    }
    const { adapter, face, call } = result.found;
    entry.protocol = adapter.protocol;
    if (face.requestIdHeader !== undefined) res.setHeader(face.requestIdHeader, `req_${deps.newId()}`);
    const place = { res, face, call, entry };
    const fail = (error: unknown): void => respondError(error, place);
    try {
      if (!deps.accepting())
        throw new GatewayError("unavailable", "ccproxy is shutting down", { retryAfterMs: 1000 });
      const remoteAddress = req.socket.remoteAddress;
      const keyless = face.keyless === true;
      const principal = authenticate(
        { headers, query, remoteAddress, keyless },
        deps.config(),
        deps.storage.keyRing,
        deps.now(),
      );
      if (principal.keyId !== undefined) entry.key = principal.keyId;
      const group = prefix.active ? deps.config().activeGroup : (prefix.group ?? "default");
      const signal = abortWhenGone(res);
      const exchange: Exchange = {
        req,
        res,
        deps,
        adapter,
        face,
        call,
        group,
        compat: prefix.compat,
        principal,
        entry,
        signal,
      };
      if (call.job === "chat") handleChat(exchange).catch(fail);
      else loadApp().then((app) => app.handle(exchange).catch(fail), fail);
    } catch (error) {
      fail(error);
    }
  };
}

function noRoute(method: string, path: string, allowed: string[] | undefined): GatewayError {
  if (allowed) {
    const message = `${method} ${path}: method not allowed, expected ${allowed.join(" or ")}`;
    return new GatewayError("method-not-allowed", message, {
      code: "method_not_allowed",
      param: allowed.join(", "),
    });
  }
  return new GatewayError(
    "not-found",
    `no route ${method} ${path}; see the README for the routes there are`,
    { code: "route_not_found" },
  );
}

/** A signal that aborts when the connection closes before the answer was sent. */
function abortWhenGone(res: ServerResponse): AbortSignal {
  const controller = new AbortController();
  res.on("close", () => {
    if (!res.writableFinished) controller.abort();
  });
  return controller.signal;
}

function logWhenOver(deps: Deps, res: ServerResponse, entry: RequestLogEntry): void {
  const began = performance.now();
  res.on("close", () => {
    // What the handler makes of it comes too late for the log.
    if (!res.writableFinished) {
      entry.status ||= 499;
      entry.error ??= "cancelled: the client closed the connection";
    }
    entry.status ||= res.statusCode;
    entry.ms = Math.round(performance.now() - began);
    deps.log(entry);
  });
}

function lazy<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => (loading ??= load());
}

const OWN_PATH = /^\/(?:health|ready|status|metrics|admin)(?:\/|$)/;
