import type { IncomingMessage, ServerResponse } from "node:http";
import type { Headers } from "../adapters/adapter.ts";
import { GatewayError } from "../adapters/errors.ts";
import { sendBody } from "./send-body.ts";
import { answerHealth, isHealth } from "./answer-health.ts";
import { authenticate, isBadKey } from "./auth.ts";
import { handleChat } from "./chat.ts";
import type { Deps } from "./deps.ts";
import { drainRest } from "./drain-rest.ts";
import type { Exchange } from "./exchange.ts";
import { guard, isOwnPath } from "./guard.ts";
import { createShedder } from "./limits/shed.ts";
import { withoutSecrets } from "./hide-secrets.ts";
import { createMatcher } from "./match.ts";
import { parsePath } from "./path.ts";
import { createEntry, type RequestLogEntry } from "./request-log.ts";
import { respondError } from "./respond.ts";
import type { Running } from "./running.ts";
import { createStopper, type Stopper } from "./stop-signal.ts";
import { tidyPath } from "./tidy-path.ts";
import { createMeter, type Meter } from "./usage/meter.ts";

export type Listener = (req: IncomingMessage, res: ServerResponse) => void;

/**
 * The daemon's request listener. Chats are answered straight on Node's request and response; everything else goes
 * through the h3 app, which is loaded when the first of it comes.
 */
export function createListener(deps: Deps): Listener {
  const match = createMatcher(deps.adapters);
  const loadApp = lazy(async () => (await import("./app.ts")).createApp(deps));
  const shedder = createShedder();

  return function listen(req, res) {
    const method = req.method ?? "GET";
    const url = req.url ?? "/";
    const question = url.indexOf("?");
    const path = question === -1 ? url : url.slice(0, question);
    const query = question === -1 ? NO_QUERY : new URLSearchParams(url.slice(question + 1));
    const headers = req.headers as Headers;
    const entry = createEntry(deps.now(), method, path);
    const meter = createMeter();
    const visit: Visit = { began: performance.now(), entry, meter, entered: false, running: undefined };
    res.on("close", () => end(visit, req, res));

    const verdict = guard({ method, url, headers, hosts: countHosts(req) }, deps.config().server);
    if (verdict.kind === "refuse") {
      entry.error = verdict.reason;
      return sendBody(res, 403, verdict.close ? { connection: "close" } : {}, "");
    }
    if (verdict.kind === "preflight") return void res.writeHead(204, verdict.cors).end();
    if (verdict.cors) addHeaders(res, verdict.cors);

    if (isHealth(method, path)) return answerHealth(res, deps.pid);
    if (isOwnPath(path)) {
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
    const head: Record<string, string> = {};
    if (face.requestIdHeader !== undefined) {
      call.requestId = `req_${deps.newId()}`;
      head[face.requestIdHeader] = call.requestId;
    }
    const place = { res, face, call, entry, head };
    const fail = (error: unknown): void => respondError(withoutSecrets(deps.storage, error), place);
    try {
      if (!deps.accepting())
        throw new GatewayError("unavailable", "ccproxy is shutting down", { retryAfterMs: 1000 });
      shedder.enter(deps.config().server.maxConcurrent);
      visit.entered = true;
      const remoteAddress = req.socket.remoteAddress;
      const keyless = face.keyless === true;
      const { protocol } = adapter;
      const principal = authenticate(
        { headers, query, remoteAddress, keyless, protocol, openToAll: deps.openToAll },
        deps.config(),
        deps.storage.keyRing,
        deps.now(),
      );
      if (principal.keyId !== undefined) entry.key = principal.keyId;
      const group = prefix.active ? deps.config().activeGroup : (prefix.group ?? "default");
      const stopper = createStopper();
      visit.running = toRunning(res, principal.keyId, stopper);
      deps.running.add(visit.running);
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
        head,
        entry,
        meter,
        signal: stopper.signal,
      };
      if (call.job === "chat") return void handleChat(exchange).catch(fail);
      addHeaders(res, head);
      loadApp().then((app) => app.handle(exchange).catch(fail), fail);
    } catch (error) {
      fail(isBadKey(error) ? tooOften(deps, req, error) : error);
    }
  };

  /** The response is over, however it ended. */
  function end(
    { began, entry, meter, entered, running }: Visit,
    req: IncomingMessage,
    res: ServerResponse,
  ): void {
    const isComplete = res.writableFinished;
    if (isComplete) drainRest(req);
    else {
      // What the handler makes of it comes too late for the log.
      entry.status ||= 499;
      entry.error ??= "cancelled: the client closed the connection";
    }
    entry.status ||= res.statusCode;
    entry.ms = Math.round(performance.now() - began);
    Object.assign(entry, meter.spent());
    deps.log(entry);
    if (entered) shedder.leave();
    if (!running) return;
    deps.running.remove(running);
    if (!isComplete) running.leave();
  }
}

/** A request while it is here. One listener sees to all that is to be done at its end: each of them costs. */
interface Visit {
  began: number;
  entry: RequestLogEntry;
  meter: Meter;
  entered: boolean;
  running: Leaving | undefined;
}

interface Leaving extends Running {
  /** The client has gone. */
  leave: () => void;
}

/** What to answer to a wrong key: that it is wrong, until there were too many. */
function tooOften(deps: Deps, req: IncomingMessage, error: unknown): unknown {
  try {
    deps.knocks.count(req.socket.remoteAddress);
    return error;
  } catch (refusal) {
    return refusal;
  }
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

/**
 * What is stopped from outside tells the client why, by the signal, and whatever does not end by that is cut. When the
 * connection closes before the answer was sent, it is `leave` that aborts.
 */
function toRunning(res: ServerResponse, keyId: string | undefined, { abort }: Stopper): Leaving {
  return {
    place: -1,
    keyId,
    stop(error) {
      abort(error);
      setTimeout(() => res.destroy(), STOP_MS).unref();
    },
    leave: abort,
  };
}

function addHeaders(res: ServerResponse, headers: Record<string, string>): void {
  for (const name in headers) res.setHeader(name, headers[name] as string);
}

const STOP_MS = 2000;
/** Read only, like all queries. */
const NO_QUERY = new URLSearchParams();

function lazy<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => (loading ??= load());
}

/** Node keeps the first of several and says nothing. */
function countHosts({ rawHeaders }: IncomingMessage): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === "host") count++;
  return count;
}
