import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Answers connections beyond `most` with 503 and closes them; far beyond that they are not even answered. */
export function limitCrowd(server: Server, most: number): void {
  let open = 0;
  // A flood of connections that are all to be told 503 must not be what brings the daemon down.
  server.maxConnections = most + SPARE;
  server.on("connection", (socket: Socket) => {
    open++;
    socket.once("close", () => open--);
    if (open <= most) return;
    socket.end(FULL);
    socket.setTimeout(1000, () => socket.destroy());
  });
}

const SPARE = 100;
const MESSAGE = "ccproxy has as many connections as it may (server.maxConnections): try again in a second";
const BODY = JSON.stringify({
  error: { message: MESSAGE, type: "overloaded_error", code: "too_many_connections" },
});
const FULL = [
  "HTTP/1.1 503 Service Unavailable",
  "content-type: application/json",
  `content-length: ${BODY.length}`,
  "retry-after: 1",
  "connection: close",
  "",
  BODY,
].join("\r\n");
