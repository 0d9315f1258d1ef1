import { createServer } from "node:http";
import { get as getHttps } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { afterEach, expect, it } from "vitest";
import { listen } from "../../server/listen.ts";

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});
const addressOf = (server: Server): AddressInfo => server.address() as AddressInfo;

async function takenPort(): Promise<number> {
  const server = createServer((_req, res) => res.end("someone"));
  open.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return addressOf(server).port;
}

async function freePort(): Promise<number> {
  const port = await takenPort();
  await new Promise((resolve) => {
    (open.pop() as Server).close(resolve);
  });
  return port;
}

it("listens on the address named and no other, whatever the environment says", async () => {
  process.env.HOST = "0.0.0.0";
  const server = await listen((_req, res) => res.end("plain"), { host: "127.0.0.1", port: 0 });
  delete process.env.HOST;
  open.push(server);
  expect(addressOf(server).address).toBe("127.0.0.1");
});

it("serves https with a certificate made on the spot, on that address alone", async () => {
  const port = await freePort();
  process.env.HOST = "0.0.0.0";
  const server = await listen((_req, res) => res.end("secure"), { host: "127.0.0.1", port }, { https: true });
  delete process.env.HOST;
  open.push(server);
  expect(addressOf(server)).toMatchObject({ address: "127.0.0.1", port });
  const text = await new Promise<string>((resolve, reject) => {
    getHttps({ host: "127.0.0.1", port, rejectUnauthorized: false }, (res) => {
      res.setEncoding("utf8").on("data", resolve);
    }).on("error", reject);
  });
  expect(text).toBe("secure");
});

it.each([
  ["plainly", undefined],
  ["in comfort", { https: true }],
])("port 0 is any free one: %s", async (_how, comforts) => {
  const start = () => listen((_req, res) => res.end(), { host: "127.0.0.1", port: 0 }, comforts);
  const two = [await start(), await start()];
  open.push(...two);
  const ports = two.map((server) => addressOf(server)?.port);
  expect(new Set(ports).size).toBe(2);
  expect(ports).not.toContain(3000);
});

it.each([
  ["plainly", undefined],
  ["in comfort", { https: true }],
])("a port that is taken is an error, never another port: %s", async (_how, comforts) => {
  const port = await takenPort();
  const started = listen((_req, res) => res.end(), { host: "127.0.0.1", port }, comforts);
  await expect(started).rejects.toMatchObject({
    code: "EADDRINUSE",
    message: expect.stringMatching(/taken by (?:another program|'.+' \(pid \d+\))\. Stop it/),
  });
});
