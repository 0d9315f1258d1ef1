import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createJoinedWrites } from "../../server/joined-writes.ts";

let server: Server;
let socket: Socket;
let res: ServerResponse;

beforeEach(async () => {
  server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.setEncoding("utf8");
  socket.on("error", () => undefined);
  socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  [, res] = (await once(server, "request")) as [unknown, ServerResponse];
  res.writeHead(200, { "x-name": "ü" });
});
afterEach(() => {
  socket.destroy();
  server.close();
});

/** What comes on the wire up to the end of the answer. */
async function receive(): Promise<string> {
  let all = "";
  for await (const piece of socket) {
    all += piece as string;
    if (all.endsWith("\r\n0\r\n\r\n")) break;
  }
  return all.slice(all.indexOf("\r\n\r\n") + 4);
}

it("makes one write of what comes before the event loop goes on", async () => {
  const body = createJoinedWrites(res);
  expect([body.write("a"), body.write("bc")]).toEqual([true, true]);
  await new Promise(setImmediate);
  body.write("d");
  await new Promise(setImmediate);
  body.write("ü");
  body.end("f");
  expect(await receive()).toBe("3\r\nabc\r\n1\r\nd\r\n3\r\nüf\r\n0\r\n\r\n");
});

it("sends what comes just before the end with it", async () => {
  const body = createJoinedWrites(res);
  body.write("a");
  await Promise.resolve();
  body.end("b");
  expect(await receive()).toBe("2\r\nab\r\n0\r\n\r\n");
});

it("writes nothing after the end", async () => {
  const body = createJoinedWrites(res);
  body.end("a");
  expect(body.write("b")).toBe(true);
  body.end("c");
  expect(await receive()).toBe("1\r\na\r\n0\r\n\r\n");
});

it("sends bytes as they are, beside texts", async () => {
  const body = createJoinedWrites(res);
  body.write("ä", "latin1");
  body.write("ä");
  body.end("\u00ff", "latin1");
  socket.setEncoding("latin1");
  expect(await receive()).toBe("1\r\n\u00e4\r\n2\r\n\u00c3\u00a4\r\n1\r\n\u00ff\r\n0\r\n\r\n");
});

it("keeps the head as it was, whatever is written", async () => {
  createJoinedWrites(res).end("ü");
  socket.setEncoding("latin1");
  expect((await once(socket, "data"))[0]).toMatch(/^HTTP\/1\.1 200 OK\r\nx-name: \u00fc\r\n/);
});

it("frames nothing for a client that knows no chunks", async () => {
  const old = connect((server.address() as AddressInfo).port, "127.0.0.1");
  old.setEncoding("utf8");
  old.write("GET / HTTP/1.0\r\n\r\n");
  const [, answer] = (await once(server, "request")) as [unknown, ServerResponse];
  answer.writeHead(200);
  const body = createJoinedWrites(answer);
  body.write("ab");
  await new Promise(setImmediate);
  body.end("ü");
  let all = "";
  for await (const piece of old) all += piece as string;
  expect(all.slice(all.indexOf("\r\n\r\n") + 4)).toBe("abü");
});

it("ends without anything to say", async () => {
  createJoinedWrites(res).end("");
  expect(await receive()).toBe("0\r\n\r\n");
});

it("tells that the client reads slowly, and then that it has read", async () => {
  const body = createJoinedWrites(res);
  const piece = "x".repeat(40_000);
  let sent = 0;
  for (; sent < 10_000 && body.write(piece); sent++) await new Promise(setImmediate);
  expect(sent).toBeLessThan(10_000);
  const drained = once(res, "drain");
  const received = receive();
  await drained;
  body.end("");
  expect((await received).replaceAll(/[^x]/g, "")).toHaveLength((sent + 1) * piece.length);
});

it("holds little, however much comes at once", () => {
  const body = createJoinedWrites(res);
  let sent = 0;
  while (body.write("x".repeat(1000))) sent++;
  expect(sent).toBeLessThan(100);
});

it("writes nothing to a client that has gone", async () => {
  const body = createJoinedWrites(res);
  body.write("a");
  res.destroy();
  await new Promise(setImmediate);
  expect(body.write("b")).toBe(true);
  await new Promise(setImmediate);
  body.end("c");
});
