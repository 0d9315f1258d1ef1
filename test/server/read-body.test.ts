import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GatewayError } from "../../adapters/errors.ts";
import { parseJson, readBody } from "../../server/read-body.ts";

const server = createServer();
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Sends raw text as a request; gives what `readBody` made of it, and the socket. */
async function send(
  text: string,
  maxBytes = 100,
  patience: { idleMs?: number; totalMs?: number } = {},
): Promise<{ body: Promise<string | GatewayError>; socket: Socket }> {
  const arrived = once(server, "request") as Promise<[IncomingMessage]>;
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(text);
  const [req] = await arrived;
  const body = readBody(req, { maxBytes, ...patience }).then(
    ({ bytes }) => bytes.toString("utf8"),
    (error: GatewayError) => error,
  );
  return { body, socket };
}

const head = (headers: string) => `POST / HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\n`;
const chunked = (...chunks: string[]) =>
  head("transfer-encoding: chunked") +
  chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`).join("");

describe("readBody", () => {
  it("gives the whole body, in one piece or many", async () => {
    expect(await (await send(`${head("content-length: 5")}hello`)).body).toBe("hello");
    expect(await (await send(`${chunked("hé", "😀", "llo")}0\r\n\r\n`)).body).toBe("hé😀llo");
    expect(await (await send(head("content-length: 0"))).body).toBe("");
    expect(await (await send(head("accept: */*"))).body).toBe("");
  });

  it("takes exactly as much as is allowed", async () => {
    expect(await (await send(`${head("content-length: 100")}${"x".repeat(100)}`)).body).toHaveLength(100);
    expect(await (await send(`${chunked("x".repeat(60), "x".repeat(40))}0\r\n\r\n`)).body).toHaveLength(100);
  });

  it("refuses a body that is announced too large before any of it came", async () => {
    const { body, socket } = await send(head("content-length: 101"));
    expect(await body).toMatchObject({
      kind: "too-large",
      message: expect.stringContaining("100 bytes") as string,
    });
    socket.destroy();
  });

  it("refuses a body that turns out too large without waiting for its end", async () => {
    const { body, socket } = await send(chunked("x".repeat(60), "x".repeat(41)));
    expect(await body).toMatchObject({ kind: "too-large" });
    socket.destroy();
  });

  it.each(["gzip", "zstd", "br, gzip"])("refuses content-encoding %s in words", async (encoding) => {
    const { body, socket } = await send(`${head(`content-encoding: ${encoding}\r\ncontent-length: 2`)}xx`);
    expect(await body).toMatchObject({ kind: "invalid-request", param: "content-encoding" });
    socket.destroy();
  });

  it.each(["identity", "IDENTITY", ""])("takes content-encoding %j for none", async (encoding) => {
    expect(await (await send(`${head(`content-encoding: ${encoding}\r\ncontent-length: 2`)}xx`)).body).toBe(
      "xx",
    );
  });

  it.each([[{ idleMs: 40 }], [{ totalMs: 40 }]])(
    "waits no longer than %j for what does not come",
    async (patience) => {
      const { body, socket } = await send(`${head("content-length: 5")}hel`, 100, patience);
      // One that sends and sends has no less an end.
      const drip = "totalMs" in patience ? setInterval(() => socket.write(""), 5) : undefined;
      expect(await body).toMatchObject({ kind: "timeout", status: 408, code: "request_timeout" });
      clearInterval(drip);
      socket.destroy();
    },
  );

  it("is told of a caller that went away before anybody looked", async () => {
    const arrived = once(server, "request") as Promise<[IncomingMessage]>;
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.write(`${head("content-length: 50")}part`);
    const [req] = await arrived;
    req.destroy();
    await expect(readBody(req, { maxBytes: 100 })).rejects.toMatchObject({ kind: "cancelled" });
  });

  it("tells a caller that went away from one that is done", async () => {
    const { body, socket } = await send(`${head("content-length: 50")}part`);
    socket.destroy();
    expect(await body).toMatchObject({ kind: "cancelled" });
  });
});

describe("parseJson", () => {
  const fail = (text: string): GatewayError => {
    try {
      parseJson(text);
    } catch (error) {
      if (error instanceof GatewayError) return error;
      throw error;
    }
    throw new Error("was taken");
  };

  it("reads JSON, a byte-order mark left out", () => {
    expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
    expect(parseJson('\uFEFF{"a":1}')).toEqual({ a: 1 });
    expect(parseJson("null")).toBeNull();
  });

  it("says what is wrong with everything else", () => {
    for (const text of ["", " \n", "\uFEFF"])
      expect(fail(text)).toMatchObject({ kind: "invalid-request", code: "empty_body" });
    for (const text of ['{"a":', "a=b", "{'a':1}", "NaN", '{"a":1}x']) {
      expect(fail(text)).toMatchObject({ kind: "invalid-request", code: "invalid_json" });
    }
  });

  it("refuses nesting that could not be written again, and no less", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(parseJson(nested(128))).toBeDefined();
    for (const depth of [129, 100_000])
      expect(fail(nested(depth))).toMatchObject({ kind: "invalid-request" });
    expect(parseJson(JSON.stringify({ text: "[".repeat(1000) }))).toBeDefined();
  });
});
