import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { announce } from "../../cli/announce.ts";
import type { Io } from "../../cli/io.ts";
import { withDefaults } from "../../storage/config-defaults.ts";
import type { Storage } from "../../storage/types.ts";
import { listChoices, toAliases } from "../../cli/wizard/choose-models.ts";
import { startFakeOllama, type FakeAnswer, type FakeOllama } from "../support/fake-ollama.ts";
import { createScreen, KEYS, toSteady, type Screen } from "./screen.ts";
import { createTestCli, type TestCli } from "./test-io.ts";

const GOOD = "sk-test-good";
const send = (res: ServerResponse, status: number, body: unknown): void =>
  void res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
const withKey =
  (answer: FakeAnswer): FakeAnswer =>
  (request, res) =>
    request.headers["authorization"] === `Bearer ${GOOD}`
      ? answer(request, res)
      : send(res, 401, { error: { message: "Incorrect API key provided" } });

const ollamaChat: FakeAnswer = ({ body }, res) => {
  const call = { function: { name: "get_weather", arguments: { city: "Paris" } } };
  const message = body?.["tools"]
    ? { role: "assistant", content: "", tool_calls: [call] }
    : { role: "assistant", content: "Hello from your own machine!" };
  const done = { model: "m", message, done: true, done_reason: "stop", prompt_eval_count: 1, eval_count: 1 };
  if (body?.["stream"] === false) return send(res, 200, done);
  res.writeHead(200, { "content-type": "application/x-ndjson" }).end(`${JSON.stringify(done)}\n`);
};
const openaiChat: FakeAnswer = ({ body }, res) => {
  const call = {
    id: "c",
    type: "function",
    function: { name: "get_weather", arguments: '{"city":"Paris"}' },
  };
  const message = body?.["tools"]
    ? { role: "assistant", content: null, tool_calls: [call] }
    : { role: "assistant", content: "OK" };
  if (!body?.["stream"]) return send(res, 200, { choices: [{ message, finish_reason: "stop" }] });
  const chunk = JSON.stringify({ choices: [{ delta: { content: "1" }, finish_reason: "stop" }] });
  res.writeHead(200, { "content-type": "text/event-stream" }).end(`data: ${chunk}\n\ndata: [DONE]\n\n`);
};

let fake: FakeOllama;
let port: string;
beforeAll(async () => {
  fake = await startFakeOllama({
    "GET /api/version": { version: "0.33.0" },
    "GET /api/tags": { models: [{ name: "gemma3:4b" }, { name: "qwen3-coder:30b" }] },
    "POST /api/chat": ollamaChat,
    "GET /v1/models": withKey((_request, res) =>
      send(res, 200, { data: [{ id: "gpt-6-mini" }, { id: "gpt-6" }] }),
    ),
    "POST /v1/chat/completions": withKey(openaiChat),
  });
  ({ port } = new URL(fake.url));
});
afterAll(() => fake.close());

let cli: TestCli;
let screen: Screen;
beforeEach(() => {
  screen = createScreen();
  const { input, output } = screen;
  cli = createTestCli({
    terminal: { input, output },
    readLine: async () => "",
    stderr: (text) => void output.write(text),
  });
  // Nothing of this machine is found: no server on the usual ports, no daemon's port that another program holds.
  Object.assign(cli.env, { OLLAMA_HOST: "127.0.0.1:9", CCPROXY_PORT: "9" });
});
afterEach(async () => {
  await cli.run("stop", "--force", "--timeout", "0");
  cli.remove();
});

const config = (): unknown => JSON.parse(readFileSync(join(cli.home, "config.json"), "utf8"));

/** The same as a person saw in a real terminal: `fixtures/cli/README.md` says how these were taken. */
function expectScreen(name: string): void {
  const seen = readFileSync(new URL(`../../fixtures/cli/${name}.txt`, import.meta.url), "utf8");
  expect(toSteady(screen.text(), cli.home)).toBe(seen);
}

describe("on a terminal, where nothing is configured", () => {
  it("a local Ollama: two questions to the first answer", async () => {
    cli.env["OLLAMA_HOST"] = `127.0.0.1:${port}`;
    const running = cli.run();
    await screen.shows("Enter: confirm");
    expectScreen("providers");
    screen.type(KEYS.enter);
    await screen.shows("Search:");
    expectScreen("model");
    screen.type(KEYS.enter);
    expect(await running).toMatchObject({ code: 0, out: "" });
    await screen.shows("ccproxy env");
    expectScreen("answer");
    expect(config()).toEqual({
      $schema: "./config.schema.json",
      providers: { ollama: { protocol: "ollama", baseUrl: `http://127.0.0.1:${port}` } },
      groups: {
        default: {
          models: {
            "claude-*": "ollama/qwen3-coder:30b",
            "gpt-*": "ollama/qwen3-coder:30b",
            "gemini-*": "ollama/qwen3-coder:30b",
            "*": "ollama/*",
          },
        },
      },
    });
  });

  it("a key that is pasted, wrong at first; the port is held by an Ollama", async () => {
    Object.assign(cli.env, { OPENAI_BASE_URL: `${fake.url}/v1`, CCPROXY_PORT: port });
    const running = cli.run();
    await screen.shows("Enter: confirm");
    for (const key of [KEYS.down, KEYS.down, KEYS.space, KEYS.enter]) screen.type(key);
    await screen.shows("Key for OpenAI");
    screen.type("sk-test-bad");
    await screen.shows("▪".repeat(11));
    expectScreen("key");
    screen.type(KEYS.enter);
    await screen.shows("What now?");
    expectScreen("failed");
    for (const key of [KEYS.down, KEYS.enter]) screen.type(key);
    await screen.shows("nothing leaves it out)\n│  _");
    screen.type(GOOD);
    screen.type(KEYS.enter);
    await screen.shows("Search:");
    screen.type(KEYS.enter);
    expect(await running).toMatchObject({ code: 0 });
    await screen.shows("ccproxy env");
    expectScreen("answer-by-key");
    expect(screen.text()).not.toContain("sk-test");
    const taken = Number(/takes (\d+)\./.exec(screen.text())?.[1]);
    expect(taken).toBeGreaterThan(Number(port));
    expect(config()).toMatchObject({
      server: { port: taken },
      providers: { openai: { keys: ["file:keys/openai"], baseUrl: `${fake.url}/v1` } },
      groups: { default: { models: { "gpt-*": "openai/*", "claude-*": "openai/gpt-6", "*": "openai/*" } } },
    });
    const file = join(cli.home, "keys", "openai");
    expect(readFileSync(file, "utf8")).toBe(`${GOOD}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each(["Which providers", "Key for", "What now?", "Search:"])(
    "Ctrl-C at '%s' leaves nothing behind",
    async (at) => {
      Object.assign(cli.env, { OPENAI_BASE_URL: `${fake.url}/v1` });
      const running = cli.run();
      await screen.shows("Enter: confirm");
      if (at !== "Which providers") {
        for (const key of [KEYS.down, KEYS.down, KEYS.space, KEYS.enter]) screen.type(key);
        await screen.shows("Key for OpenAI");
      }
      if (at === "What now?" || at === "Search:") {
        screen.type(at === "Search:" ? GOOD : "sk-test-bad");
        screen.type(KEYS.enter);
        await screen.shows(at);
      }
      screen.type(KEYS.interrupt);
      expect(await running).toMatchObject({ code: 130, out: "" });
      expect(existsSync(cli.home) ? readdirSync(cli.home) : []).toEqual([]);
    },
  );

  it("help once something is configured", async () => {
    await cli.run("provider", "add", "openrouter");
    expect(await cli.run()).toMatchObject({ code: 0, out: expect.stringContaining("Commands:") as string });
  });
});

describe("where nobody is there to answer", () => {
  beforeEach(() => {
    cli.remove();
    cli = createTestCli();
    Object.assign(cli.env, { OLLAMA_HOST: "127.0.0.1:9", CCPROXY_PORT: "9" });
  });

  it("help and exit 2, no question", async () => {
    for (const argv of [[], ["--no-input"], ["--json"], ["--no-input", "--yes"]]) {
      const { code, out, err } = await cli.run(...argv);
      expect({ code, out, argv }).toEqual({ code: 2, out: "", argv });
      expect(err).toContain("Commands:");
    }
    expect(await cli.run("init")).toMatchObject({ code: 2, err: expect.stringContaining("--yes") as string });
  });

  it("--yes takes what is there and well, by the names of its variables", async () => {
    expect(await cli.run("--yes")).toMatchObject({
      code: 1,
      err: expect.stringContaining("no provider's key is set") as string,
    });
    Object.assign(cli.env, {
      OPENAI_API_KEY: GOOD,
      OPENAI_BASE_URL: `${fake.url}/v1`,
      OLLAMA_HOST: `127.0.0.1:${port}`,
      ANTHROPIC_API_KEY: "sk-test-bad",
      ANTHROPIC_BASE_URL: fake.url,
    });
    const done = await cli.json("init", "--yes");
    expect(done).toMatchObject({
      providers: ["openai", "ollama"],
      dropped: ["anthropic"],
      model: "openai/gpt-6",
      answer: { text: "Hello from your own machine!" },
    });
    expect(config()).toMatchObject({ providers: { openai: { keys: ["env:OPENAI_API_KEY"] } } });
    expect(readFileSync(join(cli.home, "config.json"), "utf8")).not.toContain(GOOD);
    // Again: what the user has changed since stays.
    await cli.run("model", "edit", "claude-*", "ollama/gemma3:4b");
    await cli.json("init", "--yes", "--no-start");
    expect(config()).toMatchObject({ groups: { default: { models: { "claude-*": ["ollama/gemma3:4b"] } } } });
  });
});

describe("models and names", () => {
  it("those agents do well with come first, those that do not talk not at all", () => {
    const kept = [
      { id: "a", models: ["text-embedding-3-large", "gpt-6-mini", "whisper-1"] },
      { id: "b", models: ["some/model", "anthropic/claude-sonnet-5", "qwen/qwen3-coder"] },
    ];
    const choices = listChoices(kept);
    expect(choices[0]).toEqual({ provider: "b", model: "anthropic/claude-sonnet-5" });
    expect(choices.map(({ model }) => model)).toEqual([
      "anthropic/claude-sonnet-5",
      "gpt-6-mini",
      "some/model",
      "qwen/qwen3-coder",
    ]);
    expect(listChoices([{ id: "a", models: [] }])).toEqual([]);
  });

  it("a family goes to the provider that has it, else to the chosen model", () => {
    const kept = [
      { id: "r", models: ["qwen/qwen3-coder", "openai/gpt-6"] },
      { id: "c", models: ["claude-sonnet-5"] },
    ];
    expect(toAliases({ provider: "r", model: "qwen/qwen3-coder" }, kept)).toEqual({
      "claude-*": "c/*",
      "gpt-*": "r/qwen/qwen3-coder",
      "gemini-*": "r/qwen/qwen3-coder",
      "*": "r/*",
    });
  });
});

it("a daemon that starts on a terminal says where it is and how to begin, in at most 12 lines; in a log only where", () => {
  const config = withDefaults({
    providers: {
      openai: { protocol: "openai", baseUrl: "http://127.0.0.1:9/v1", keys: ["file:keys/openai"] },
    },
    groups: { default: { models: { a: "openai/a", b: "openai/b", c: "openai/c", "*": "openai/*" } } },
  });
  const storage = { config: { file: join(cli.home, "config.json"), current: config } } as Storage;
  const say = (terminal?: Io["terminal"]): string => {
    let said = "";
    const io = { ...cli.io, terminal, stderr: (text: string) => void (said += text) };
    announce("http://127.0.0.1:28355", { host: "127.0.0.1", storage, io });
    return said;
  };
  const banner = say({ input: screen.input, output: screen.output });
  expect(banner.trimEnd().split("\n").length).toBeLessThanOrEqual(12);
  expect(toSteady(banner, cli.home)).toBe(
    readFileSync(new URL("../../fixtures/cli/banner.txt", import.meta.url), "utf8"),
  );
  expect(say()).toMatch(/^ccproxy \d\S* listens on http:\/\/127\.0\.0\.1:28355\n$/);
});

it("what asks questions is loaded only to ask them", () => {
  const root = new URL("../../cli/", import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const eager = files.filter((name) =>
    /^import (?!type\b).*"(?:@clack\/prompts|\.{1,2}\/wizard\/[^"]*)"/m.test(
      readFileSync(new URL(name, root), "utf8"),
    ),
  );
  expect(eager).toEqual([]);
});
