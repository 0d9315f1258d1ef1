import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { portTaken } from "../../server/port-taken.ts";

const holder = setupServer();
beforeAll(() => holder.listen({ onUnhandledRequest: "error" }));
afterEach(() => holder.resetHandlers());
afterAll(() => holder.close());

const base = "http://127.0.0.1:11434";
const ask = async (): Promise<string> => (await portTaken("127.0.0.1", 11_434, new Error("taken"))).message;

it("names another ccproxy with its process", async () => {
  holder.use(
    http.get(`${base}/health`, () => HttpResponse.json({ status: "ok", version: "0.1.0", pid: 4711 })),
  );
  expect(await ask()).toMatch(/taken by another ccproxy \(pid 4711\).*--port/);
});

it("names an Ollama with its version", async () => {
  holder.use(
    http.get(`${base}/health`, () => new HttpResponse("404 page not found", { status: 404 })),
    http.get(`${base}/api/version`, () => HttpResponse.json({ version: "0.33.0" })),
  );
  expect(await ask()).toContain("an Ollama (version 0.33.0)");
});

it("does not guess about anything else, nor follows where it points", async () => {
  holder.use(
    http.get(`${base}/health`, () => HttpResponse.redirect("http://elsewhere.invalid/health", 302)),
    http.get(`${base}/api/version`, () => HttpResponse.html("<h1>hello</h1>")),
  );
  expect(await ask()).toContain("another program");
  holder.use(http.get(`${base}/health`, () => HttpResponse.error()));
  expect(await ask()).toContain("another program");
});

it("keeps the code by which the command line knows it", async () => {
  holder.use(http.get(`${base}/health`, () => HttpResponse.error()));
  expect(await portTaken("127.0.0.1", 11_434, new Error("taken"))).toMatchObject({ code: "EADDRINUSE" });
});
