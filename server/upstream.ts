import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { buildConnector, Dispatcher } from "undici";
import type { ProviderConfig } from "../storage/types.ts";
import type { GatewayError } from "../adapters/errors.ts";
import { toConnectOptions } from "./connect-options.ts";
import { answerDemo, DEMO_BASE_URL } from "./demo/answer-demo.ts";
import { allowsPrivate, refuseLiteral, type ManyLookup } from "./private-names.ts";
import { remember } from "./remember.ts";
import { toNetworkError } from "./to-network-error.ts";
import { atTurnEnd } from "./turn.ts";

/** What the sender of a request is told, in this order; exactly one of `onEnd` and `onError` comes last. */
export interface UpstreamSink {
  onHead: (status: number, headers: Record<string, string>) => void;
  onData: (chunk: Buffer) => void;
  onEnd: () => void;
  onError: (error: GatewayError) => void;
}

export interface UpstreamHandle {
  /** Closes the connection; the sink hears nothing more. */
  abort: () => void;
  pause: () => void;
  resume: () => void;
}

export interface UpstreamRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  /** A stream where a file goes through on its way. */
  body?: string | Buffer | Readable;
}

export interface Upstream {
  send: (provider: ProviderConfig, request: UpstreamRequest, sink: UpstreamSink) => UpstreamHandle;
  /** The undici dispatcher that requests to this provider go through: pool, proxy, certificates. */
  dispatcher: (provider: ProviderConfig) => Promise<Dispatcher>;
  close: () => Promise<void>;
}

export interface UpstreamOptions {
  /** How names become addresses; default: as the machine does it. */
  lookup?: ManyLookup;
}

/**
 * The only place that sends chats out: undici's dispatcher with a handler of our own, no fetch, no web streams.
 * Redirects are not followed (a provider key must not travel to another host), bodies not decompressed: none is
 * asked for. Timers: `connect` here; first event, idle and total in the relay.
 */
export function createUpstream({ lookup }: UpstreamOptions = {}): Upstream {
  const agents = new Map<string, Promise<Dispatcher>>();
  // By provider, once they are made: one that is configured anew is looked at anew.
  let ready = new WeakMap<ProviderConfig, Dispatcher>();

  const dispatcher: Upstream["dispatcher"] = (provider) => {
    const { proxy, caFile, timeouts } = provider;
    const refusal = refuseLiteral(provider);
    if (refusal) return Promise.reject(refusal);
    const id = JSON.stringify([proxy, caFile, timeouts?.connect, allowsPrivate(provider)]);
    let agent = agents.get(id);
    if (!agent) {
      agent = createAgent(provider, lookup);
      agents.set(id, agent);
      agent.catch(() => agents.delete(id));
    }
    return agent;
  };

  return {
    dispatcher,
    send(provider, request, sink) {
      if (provider.baseUrl === DEMO_BASE_URL) return sendDemo(request, sink);
      let handle: UpstreamHandle | undefined;
      let aborted = false;
      const start = (agent: Dispatcher): void => {
        if (!aborted) handle = dispatch(agent, request, sink);
      };
      const agent = ready.get(provider);
      if (agent) atTurnEnd(() => start(agent));
      else
        dispatcher(provider).then(
          (made) => {
            ready.set(provider, made);
            start(made);
          },
          (cause: unknown) => {
            if (!aborted) sink.onError(toNetworkError(cause, request.url));
          },
        );
      return {
        abort() {
          aborted = true;
          handle?.abort();
        },
        pause: () => handle?.pause(),
        resume: () => handle?.resume(),
      };
    },
    async close() {
      const all = await Promise.allSettled(agents.values());
      agents.clear();
      ready = new WeakMap();
      for (const agent of all) if (agent.status === "fulfilled") await agent.value.destroy();
    },
  };
}

async function createAgent(provider: ProviderConfig, lookup?: ManyLookup): Promise<Dispatcher> {
  const connect = await toConnectOptions(provider, lookup);
  if (provider.proxy !== undefined) {
    // The whole of undici: its agents alone lack the `connect` that a tunnel is made with.
    const { ProxyAgent } = await import("undici");
    return new ProxyAgent({
      uri: provider.proxy,
      requestTls: connect,
      // The proxy looks names up; it may well be in the own network.
      proxyTls: { rejectUnauthorized: true },
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }
  const [{ default: Agent }, { default: buildConnector }] = await Promise.all([
    import("undici/lib/dispatcher/agent.js"),
    import("undici/lib/core/connect.js"),
  ]);
  // 0: undici's own limits of 300 s on headers and between chunks are off, the relay has its timers.
  return new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 1,
    connect: withPending(buildConnector(connect)),
  });
}

/** The connection that is being made for a request is made while the request is dispatched. */
function withPending(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    // undici's own connector returns its socket, although its type does not say so.
    const socket: unknown = connect(options, callback);
    if (socket instanceof EventEmitter) onConnecting?.(socket as Socket);
    return socket;
  };
}

/** Hears of the connection that the request being dispatched waits for. */
let onConnecting: ((socket: Socket) => void) | undefined;

function dispatch(agent: Dispatcher, request: UpstreamRequest, sink: UpstreamSink): UpstreamHandle {
  const { origin, path } = splitUrl(request.url);
  let controller: Dispatcher.DispatchController | undefined;
  let connecting: Socket | undefined;
  let over = false;
  let aborted = false;
  const fail = (cause: unknown): void => {
    if (over) return;
    over = true;
    if (!aborted) sink.onError(toNetworkError(cause, request.url));
  };
  onConnecting = (socket) => {
    connecting = socket;
  };
  try {
    agent.dispatch(
      {
        origin,
        path,
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
      },
      {
        onRequestStart(started) {
          controller = started;
          connecting = undefined;
          if (aborted) started.abort(new Error("aborted"));
        },
        onResponseStart(_controller, status, headers) {
          if (status >= 200) sink.onHead(status, flatten(headers));
        },
        onResponseData(_controller, chunk) {
          if (!aborted) sink.onData(chunk);
        },
        onResponseEnd() {
          if (over) return;
          over = true;
          if (!aborted) sink.onEnd();
        },
        onResponseError: (_controller, error) => fail(error),
      },
    );
  } catch (cause) {
    queueMicrotask(() => fail(cause));
  } finally {
    onConnecting = undefined;
  }
  return {
    abort() {
      if (over) return;
      aborted = true;
      controller?.abort(new Error("aborted"));
      // One that nobody waits for any more.
      connecting?.destroy(new Error("aborted"));
    },
    pause: () => controller?.pause(),
    resume: () => controller?.resume(),
  };
}

/** Few differ: the paths of a protocol at the providers there are. */
const splitUrl = remember((url) => {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
});

function flatten(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}

function sendDemo(request: UpstreamRequest, sink: UpstreamSink): UpstreamHandle {
  let aborted = false;
  let paused = false;
  const { pathname } = new URL(request.url);
  const body = JSON.parse(String(request.body ?? "{}")) as Record<string, unknown>;
  const answer = answerDemo({ path: pathname, body });
  const chunks = [...answer.chunks];
  // One piece a turn of the event loop, so that a stream is one.
  const step = (): void => {
    if (aborted || paused) return;
    const chunk = chunks.shift();
    if (chunk === undefined) return sink.onEnd();
    sink.onData(Buffer.from(chunk));
    setImmediate(step);
  };
  setImmediate(() => {
    if (aborted) return;
    sink.onHead(answer.status, answer.headers);
    step();
  });
  return {
    abort: () => {
      aborted = true;
    },
    pause: () => {
      paused = true;
    },
    resume: () => {
      if (!paused) return;
      paused = false;
      setImmediate(step);
    },
  };
}
