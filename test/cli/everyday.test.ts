import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Explained } from "../../server/explain.ts";
import { startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";
import { createLiveCli, type LiveCli } from "./live-cli.ts";
import { createTestCli } from "./test-io.ts";

let provider: ScriptedProvider;
let cli: LiveCli;
let signal: ((name: NodeJS.Signals) => void) | undefined;
const USAGE = { inputTokens: 7, outputTokens: 3 };

const toConfig = (url: string) => ({
  providers: {
    lan: { protocol: "ollama", baseUrl: url },
    api: { protocol: "openai", baseUrl: url, keys: ["env:API_KEY"] },
  },
  groups: {
    default: { models: { small: "lan/model-a" } },
    qwen: {
      strategy: "priority" as const,
      models: { "claude-*": ["api/model-a", "lan/model-b"], long: "lan/model-b" },
      rules: [{ name: "big", when: { tokens: { ">": 1500 } }, use: "long" }],
    },
  },
  activeGroup: "qwen",
});

beforeEach(async () => {
  signal = undefined;
  provider = await startScriptedProvider((request, { res }) => {
    const last = request.messages.at(-1)?.content[0];
    const asked = last?.type === "text" ? last.text : "";
    if (asked === "hang") return undefined;
    if (asked === "fail") {
      res.writeHead(400).end(JSON.stringify({ error: "no such thing" }));
      return undefined;
    }
    return [
      { type: "start", model: "model-a" },
      { type: "text-delta", text: "You said " },
      { type: "text-delta", text: asked },
      { type: "finish", reason: "stop", usage: USAGE },
    ];
  });
  cli = await createLiveCli(toConfig(provider.url), {
    onSignal: (handler) => {
      signal = handler;
      return () => undefined;
    },
  });
});
afterEach(async () => {
  await cli.close();
  await provider.close();
});

describe("group explain", () => {
  it("asks the running daemon, which knows who rests", async () => {
    const calm = await cli.json<Explained & { live: boolean }>(
      "group",
      "explain",
      "claude-x",
      "--group",
      "qwen",
    );
    expect(calm).toMatchObject({ live: true, alias: "claude-*", strategy: "priority", skipped: [] });
    expect(calm.candidates.map(({ target }) => target)).toEqual(["api/model-a", "lan/model-b"]);
    expect(calm).toMatchObject({ missingKeys: [{ key: "api#1", reference: "env:API_KEY" }] });
    expect(provider.seen).toEqual([]);
    const big = await cli.run(
      "group",
      "explain",
      "claude-x",
      "--group",
      "qwen",
      "--tokens",
      "5000",
      "--tools",
    );
    expect(big.out).toMatch(/^asked +qwen@claude-x \(5000 tokens, tools\)\nrule +big: holds, use long\n/);
    expect(big.out).toMatch(/\n1 +lan\/model-b +lan +ollama +auto\n/);
    const active = await cli.json<Explained>("group", "explain", "claude-x", "--group", "switch");
    expect(active.group).toBe("qwen");
  });

  it("reads a request's body in any protocol", async () => {
    const long = "word ".repeat(2000);
    const image = "data:image/png;base64,AAAA";
    const bodies = {
      claude: {
        system: "s",
        max_tokens: 5,
        thinking: { type: "enabled", budget_tokens: 2000 },
        messages: [{ role: "user", content: long }],
      },
      openai: {
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: image } }] }],
        tools: [{ type: "function", function: { name: "f", parameters: {} } }],
      },
      "openai-responses": { input: long },
      gemini: { contents: [{ role: "user", parts: [{ text: long }] }] },
      ollama: { options: {}, messages: [{ role: "user", content: long }] },
    };
    for (const [protocol, body] of Object.entries(bodies)) {
      const model = protocol === "gemini" ? {} : { model: "claude-x" };
      writeFileSync(join(cli.home, "body.json"), JSON.stringify({ ...model, ...body }));
      const argv = ["--group", "qwen", "--body", join(cli.home, "body.json")];
      const named = protocol === "gemini" ? ["claude-x"] : [];
      const said = await cli.json<Explained>("group", "explain", ...named, ...argv);
      expect({ protocol, alias: said.alias }).toEqual({
        protocol,
        alias: protocol === "openai" ? "claude-*" : "long",
      });
      if (protocol === "claude") expect(said.request).toMatchObject({ thinking: true, tools: false });
      if (protocol === "openai") expect(said.request).toMatchObject({ images: true, tools: true });
    }
  });

  it("says what a client key reaches", async () => {
    await cli.run("key", "add", "laptop", "--group", "default", "--model", "sm*");
    await cli.run("reload");
    const scope = async (model: string, group: string) =>
      (await cli.json<Explained>("group", "explain", model, "--group", group, "--key", "laptop")).scope;
    expect(await scope("small", "default")).toMatchObject({ allowed: true });
    expect(await scope("claude-x", "qwen")).toMatchObject({
      allowed: false,
      reason: "it does not reach group qwen",
    });
    expect(await cli.run("group", "explain", "small", "--key", "phone")).toMatchObject({ code: 1 });
  });

  it("without a daemon says what one would do; the same as one does", async () => {
    const live = await cli.json("group", "explain", "claude-x", "--group", "qwen");
    const alone = createTestCli();
    alone.env["CCPROXY_HOME"] = alone.home;
    await alone.run("provider", "add", "x", "--protocol", "ollama", "--base-url", "http://127.0.0.1:9");
    writeFileSync(join(alone.home, "config.json"), readFileSync(join(cli.home, "config.json")));
    expect(await alone.json("group", "explain", "claude-x", "--group", "qwen")).toEqual({
      ...live,
      live: false,
    });
    expect(await alone.run("group", "explain", "smal")).toMatchObject({
      code: 1,
      err: expect.stringContaining('did you mean "small"?') as string,
    });
    alone.remove();
  });

  it.each([
    [["smal"], 1, 'did you mean "small"?'],
    [["claude-x", "--group", "qwem"], 1, 'did you mean "qwen"?'],
    [[], 2, "<model> is missing"],
    [["small", "--tokens", "many"], 2, "expected a number"],
    [["small", "--body", "/does/not/exist"], 1, "no-file"],
  ])("%j fails with %d", async (argv, code, words) => {
    const result = await cli.run("group", "explain", ...argv);
    expect(result).toMatchObject({ code, out: "" });
    expect(result.err).toContain(words);
  });
});

describe("as Ollama users type them", () => {
  it("run streams to stdout, takes words and what is piped in", async () => {
    expect(await cli.run("run", "small", "Hello", "there")).toEqual({
      code: 0,
      out: "You said Hello there\n",
      err: "",
    });
    cli.stdin = "a diff\n";
    expect((await cli.run("run", "small", "Summarise.")).out).toBe("You said a diff\n\nSummarise.\n");
    expect((await cli.run("run", "small")).out).toBe("You said a diff\n");
    expect(await cli.json("run", "small", "--system", "Be brief.")).toMatchObject({
      model: "small",
      content: "You said a diff",
      finish: "stop",
      ...USAGE,
    });
    expect(provider.seen.at(-1)?.request?.system?.[0]?.text).toBe("Be brief.");
  });

  it("run talks with a person until /bye, and remembers", async () => {
    const lines = ["one", "", "/what", "two", "/clear", "three", "/bye"];
    cli.io.readLine = async () => lines.shift() ?? "/bye";
    const { code, out } = await cli.run("run", "small");
    expect({ code, out }).toEqual({ code: 0, out: "You said one\n\nYou said two\n\nYou said three\n\n" });
    expect(provider.seen.map(({ request }) => request?.messages.length)).toEqual([1, 3, 1]);
  });

  it("run ends with 130 at Ctrl-C, and with the right code for what goes wrong", async () => {
    const running = cli.run("run", "small", "hang");
    while (provider.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    signal?.("SIGINT");
    expect(await running).toMatchObject({ code: 130, err: expect.stringContaining("interrupted") as string });
    expect(await cli.run("run", "smal", "x")).toMatchObject({
      code: 1,
      err: expect.stringContaining('did you mean "small"?') as string,
    });
    expect(await cli.run("run", "small", "x", "--group", "qwem")).toMatchObject({ code: 1 });
    expect(await cli.run("run", "small", "fail")).toMatchObject({
      code: 1,
      err: expect.stringContaining("no such thing") as string,
    });
    expect(await cli.run("run", "small")).toMatchObject({ code: 2 });
  });

  it("run --compat asks by compat mode", async () => {
    await cli.run("run", "small", "x", "--compat", "--group", "default");
    expect(cli.log.map((line) => (JSON.parse(line) as { path: string }).path)).toContain(
      "/default/compat/api/chat",
    );
  });

  it("list, ls, show, ps, pull", async () => {
    expect(await cli.json("list")).toEqual([expect.objectContaining({ name: "small:latest" })]);
    expect(await cli.run("ls")).toEqual(await cli.run("list"));
    expect(await cli.json("show", "small")).toMatchObject({
      model: "small",
      capabilities: expect.any(Array) as [],
    });
    expect(await cli.json("ps")).toBeInstanceOf(Array);
    expect(await cli.run("pull", "small")).toMatchObject({
      code: 0,
      err: expect.stringContaining("served already") as string,
    });
    expect(await cli.run("pull", "smalll")).toMatchObject({ code: 1 });
    const table = await cli.run("list");
    expect(table.out).toMatch(/^NAME +SIZE +MODIFIED +FAMILY\nsmall:latest/);
  });

  it("say where no daemon runs how to start one", async () => {
    const alone = createTestCli();
    for (const argv of [["list"], ["ps"], ["show", "x"], ["run", "x", "y"], ["pull", "x"], ["reload"]])
      expect(await alone.run(...argv)).toMatchObject({
        code: 6,
        err: expect.stringContaining("'ccproxy start' starts it") as string,
      });
    alone.remove();
  });
});

describe("model list --provider", () => {
  it("shows the provider's own list as it is now", async () => {
    expect(await cli.json("model", "list", "--provider", "lan")).toEqual([
      { id: "model-a:latest" },
      { id: "model-b:latest" },
    ]);
    cli.env["API_KEY"] = "sk-test";
    expect((await cli.run("model", "list", "--provider", "API")).out).toBe("model-a\nmodel-b\n");
    await provider.close();
    expect(await cli.run("model", "list", "--provider", "lan")).toMatchObject({ code: 1 });
    expect(await cli.run("model", "list", "--provider", "lam")).toMatchObject({
      err: expect.stringContaining('did you mean "lan"?') as string,
    });
  });
});

it("reload has the daemon read its configuration, or say what is wrong", async () => {
  const file = join(cli.home, "config.json");
  const config = JSON.parse(readFileSync(file, "utf8")) as { activeGroup: string };
  writeFileSync(file, JSON.stringify({ ...config, activeGroup: "default" }));
  expect(await cli.json("reload")).toEqual({ ok: true });
  expect(await cli.json("status")).toMatchObject({ activeGroup: "default" });
  writeFileSync(file, JSON.stringify({ ...config, activeGroup: "nowhere" }));
  expect(await cli.run("reload")).toMatchObject({
    code: 4,
    err: expect.stringContaining('there is no group "nowhere"') as string,
  });
});
