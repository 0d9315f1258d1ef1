import { createServer, type RequestListener, type Server } from "node:http";
import { limitCrowd } from "./crowd.ts";

/** What a person at a terminal may want on top of a plain port. Loaded only when one of them is asked for. */
export interface Comforts {
  /** Serve https, with a certificate made on the spot or with the files given. */
  https?: boolean | { cert: string; key: string };
  /** Print a QR code of the address. */
  qr?: boolean;
  /** Open the address in a browser. */
  open?: boolean;
}

export interface ListenAddress {
  host: string;
  port: number;
  /** By all processes of the daemon. */
  shared?: boolean;
}

/** How long a client may take for what costs it nothing, and how many there may be. */
export interface ListenPatience {
  /** Until a request's headers are there; then 408. */
  headersMs: number;
  /** Between two requests on one connection. */
  idleMs: number;
  maxConnections: number;
}

/** Listens on exactly this address: never on another port, never on more addresses than the one named. */
export async function listen(
  listener: RequestListener,
  address: ListenAddress,
  comforts?: Comforts,
  patience: Partial<ListenPatience> = {},
): Promise<Server> {
  const { headersMs = 15_000, idleMs = 65_000, maxConnections = 4000 } = patience;
  const wanted = comforts && Object.values(comforts).some(Boolean);
  try {
    const server = wanted
      ? await listenInComfort(listener, address, comforts)
      : await listenPlainly(listener, address, Math.min(headersMs, CHECK_MS));
    // A model may take minutes; a client that trickles its headers may not. Bodies have a timer where they are read:
    // a model's file takes as long as it takes.
    server.keepAliveTimeout = idleMs;
    server.headersTimeout = headersMs;
    server.requestTimeout = 0;
    limitCrowd(server, maxConnections);
    return server;
  } catch (cause) {
    const taken =
      cause instanceof Error &&
      /EADDRINUSE|already in use|unable to find.*port/i.test(`${cause.message} ${toCode(cause)}`);
    if (!taken) throw cause;
    const { portTaken } = await import("./port-taken.ts");
    throw await portTaken(address.host, address.port, cause);
  }
}

function listenPlainly(
  listener: RequestListener,
  { host, port, shared = false }: ListenAddress,
  connectionsCheckingInterval: number,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ connectionsCheckingInterval }, listener);
    server.once("error", reject);
    server.listen({ host, port, exclusive: !shared }, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

async function listenInComfort(
  listener: RequestListener,
  { host, port }: ListenAddress,
  comforts: Comforts,
): Promise<Server> {
  const { listen: listhen } = await import("listhen");
  const { https, qr, open } = comforts;
  const opened = await listhen(listener, {
    hostname: host,
    // 0 is any free port, which listhen takes for none said, and so for 3000.
    port: port === 0 ? { random: true, host } : { port, portRange: [port, port], host },
    // Left open, listhen binds every interface, moves to another port when this one is taken, and ends the process
    // at the first signal, in the middle of answers.
    public: host === "0.0.0.0" || host === "::",
    isProd: true,
    autoClose: false,
    baseURL: "/",
    clipboard: false,
    showURL: true,
    qr: qr === true,
    open: open === true,
    ...(https !== undefined && { https }),
  });
  return opened.server as Server;
}

/** How often it is looked whose headers take too long. */
const CHECK_MS = 5000;

const toCode = (cause: Error): string => ("code" in cause ? String(cause.code) : "");
