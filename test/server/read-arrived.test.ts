import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArrived } from "../../server/read-arrived.ts";
import { readBody } from "../../server/read-body.ts";

const server = createServer();
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A request sent in these pieces, as soon as its head is here. */
async function send(...pieces: (string | Buffer)[]): Promise<IncomingMessage> {
  const arrived = once(server, "request") as Promise<[IncomingMessage]>;
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.setNoDelay(true);
  socket.on("error", () => undefined);
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise(setImmediate);
  }
  return (await arrived)[0];
}

const whenComplete = async (req: IncomingMessage): Promise<void> => {
  while (!req.complete) await new Promise(setImmediate);
};
const head = (headers: string) => `POST / HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\n`;

describe("readArrived", () => {
  it("gives what has come with its head, of whatever size, and the request is over", async () => {
    for (const size of [0, 1, 5000, 40_000]) {
      const req = await send(head(`content-length: ${size}`) + "x".repeat(size));
      await whenComplete(req);
      const ended = once(req, "end");
      expect(readArrived(req, 40_000)?.length).toBe(size);
      await ended;
    }
  });

  it("takes nothing of what is not complete, too long or encoded, or of who has gone", async () => {
    const part = await send(`${head("content-length: 9")}part`);
    expect(readArrived(part, 100)).toBeUndefined();
    expect((part.read() as Buffer).toString()).toBe("part");
    const long = await send(`${head("content-length: 9")}too long.`);
    await whenComplete(long);
    expect(readArrived(long, 8)).toBeUndefined();
    expect((long.read() as Buffer).toString()).toBe("too long.");
    const encoded = await send(`${head("content-encoding: gzip\r\ncontent-length: 2")}xx`);
    await whenComplete(encoded);
    expect(readArrived(encoded, 100)).toBeUndefined();
    const gone = await send(`${head("content-length: 2")}xx`);
    await whenComplete(gone);
    gone.destroy();
    expect(readArrived(gone, 100)).toBeUndefined();
  });

  it("gives what reading piece by piece gives, wherever a request is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.boolean(),
        fc.array(fc.nat(500), { maxLength: 3 }),
        async (bytes, chunked, cuts) => {
          const body = Buffer.from(bytes);
          const whole = chunked
            ? Buffer.concat([
                Buffer.from(head("transfer-encoding: chunked")),
                ...(body.length > 0 ? [Buffer.from(`${body.length.toString(16)}\r\n`), body] : []),
                Buffer.from(body.length > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n"),
              ])
            : Buffer.concat([Buffer.from(head(`content-length: ${body.length}`)), body]);
          const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].toSorted(
            (a, b) => a - b,
          );
          const pieces = places.slice(1).map((to, index) => whole.subarray(places[index], to));
          const req = await send(...pieces.filter((piece) => piece.length > 0));
          const read = await readBody(req, { maxBytes: 300 });
          req.socket.destroy();
          expect(Buffer.compare(read.bytes, body)).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});
