import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startServer } from "../../../server/serve.ts";
import type { RunningServer } from "../../../server/serve-options.ts";
import { openStorage } from "../../../storage/index.ts";
import type { Config, Storage } from "../../../storage/types.ts";
import { findCanaries, makeCanary, readFolder } from "../../support/canaries.ts";
import { PROTOCOLS, perProtocol } from "../../support/daemon.ts";
import { startEchoProvider, type EchoMode, type EchoProvider } from "../../support/echo-provider.ts";
import { listChats, listOthers } from "../../support/every-route.ts";
import { startScriptedProvider, type ScriptedProvider } from "../../support/scripted-provider.ts";

const said = {
  prompt: makeCanary("pr"),
  answer: makeCanary("an"),
  toolText: makeCanary("to"),
  wrongPlace: makeCanary("wp"),
};

let dir: string;
let storage: Storage;
let server: RunningServer;
let good: ScriptedProvider;
let bad: EchoProvider;
let log: string[];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "ccproxy-prompts-"));
  good = await startScriptedProvider(() => [
    { type: "start", model: "m" },
    { type: "text-delta", text: `${said.answer} ` },
    { type: "tool-start", index: 0, id: "call_1", name: "look" },
    { type: "tool-delta", index: 0, json: JSON.stringify({ q: said.toolText }) },
    { type: "finish", reason: "tool-calls", usage: { inputTokens: 1, outputTokens: 1 } },
  ]);
  bad = await startEchoProvider();
  storage = await openStorage(dir, { watch: false });
  const broken = perProtocol(`http://127.0.0.1:${bad.port}`);
  const works = perProtocol(good.url);
  await storage.config.update((draft: Config) => {
    for (const protocol of PROTOCOLS) {
      draft.providers[`bad-${protocol}`] = {
        ...broken.providers?.[protocol],
        protocol,
        baseUrl: `http://127.0.0.1:${bad.port}`,
      };
      draft.groups[`bad-${protocol}`] = { models: { "*": `bad-${protocol}/*` } };
      draft.providers[protocol] = { ...works.providers?.[protocol], protocol, baseUrl: good.url };
      draft.groups[protocol] = { models: { "*": `${protocol}/*` } };
    }
    draft.server.maxWaitMs = 0;
  });
  log = [];
  server = await startServer({ storage, host: "127.0.0.1", port: 0, onLog: (line) => log.push(line) });
}, 30_000);

afterAll(async () => {
  await server.close(0);
  await storage.close();
  await good.close();
  await bad.close();
  rmSync(dir, { recursive: true, force: true });
});

async function ask(path: string, method: string, body: unknown): Promise<string> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(server.url + path, {
    method,
    headers: { "content-type": "application/json" },
    ...(body !== undefined && { body: text }),
  });
  return response.text().catch(() => "");
}

it("S26: prompts and answers are in no log and no file, whether all goes well or not", async () => {
  let answered = "";
  for (const protocol of PROTOCOLS) {
    for (const call of [...listChats("m", said.prompt), ...listOthers("m", said.prompt)]) {
      // The provider of this test reads JSON, and a file is none.
      if (/^\/(?:status|metrics|admin|usage)|blobs/.test(call.path)) continue;
      answered += await ask(`/${protocol}${call.path}`, call.method, call.body);
    }
  }
  for (const mode of [400, 401, 500, "html", "whole", "stream", "cut"] satisfies EchoMode[]) {
    bad.fail(mode);
    const authorization = `Bearer ${await storage.adminToken()}`;
    await fetch(`${server.url}/admin/cooldowns`, { method: "DELETE", headers: { authorization } });
    const answers = await Promise.all(
      PROTOCOLS.flatMap((protocol) =>
        listChats("m", said.prompt).map((call) =>
          ask(`/bad-${protocol}${call.path}`, call.method, call.body),
        ),
      ),
    );
    answered += answers.join("");
  }
  // What is wrong with a body is told with the place, and to the client alone with the words.
  for (const call of listChats("m", said.prompt)) {
    const text = JSON.stringify(call.body);
    for (const broken of [
      text.slice(0, text.indexOf(said.prompt) + 30),
      text.replace(`"${said.prompt}"`, said.prompt),
      JSON.stringify({
        ...(call.body as object),
        messages: said.wrongPlace,
        input: { a: said.wrongPlace },
        contents: said.wrongPlace,
        prompt: { a: said.wrongPlace },
      }),
      JSON.stringify({
        ...(call.body as object),
        messages: [{ role: said.wrongPlace, content: said.wrongPlace }],
        input: [{ role: said.wrongPlace, content: { a: said.wrongPlace } }],
        contents: [{ role: said.wrongPlace, parts: said.wrongPlace }],
      }),
      JSON.stringify({
        ...(call.body as object),
        tools: said.wrongPlace,
        tool_choice: said.wrongPlace,
        thinking: said.wrongPlace,
      }),
    ])
      answered += await ask(`/openai${call.path}`, call.method, broken);
  }
  await expect.poll(() => log.length).toBeGreaterThan(700);
  const files = readFolder(dir, () => false);
  expect(findCanaries([...log.map((line): [string, string] => [line, line]), ...files], said)).toEqual([]);

  // They were there to be found: in what went out, in what came back, in what providers and checks said.
  expect(
    findCanaries(
      good.seen.map(({ text }) => ["", text]),
      said,
    ).length,
  ).toBeGreaterThan(100);
  expect(
    findCanaries(
      bad.said.map((text) => ["", text]),
      said,
    ).length,
  ).toBeGreaterThan(100);
  expect(new Set(findCanaries([["", answered]], said).map(({ canary }) => canary))).toEqual(
    new Set(Object.keys(said)),
  );
  // And errors are in the log for whoever looks for their reason.
  const errors = log.map((line) => (JSON.parse(line) as { error?: string }).error).filter(Boolean);
  expect(errors).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^invalid-request: /),
      expect.stringMatching(/^upstream-auth: HTTP 401/),
    ]),
  );
}, 60_000);
