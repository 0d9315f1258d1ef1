import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commands } from "../../../cli/commands.ts";
import type { Entry } from "../../../cli/entry.ts";
import { createTestCli, type TestCli } from "../../cli/test-io.ts";
import { buildCli, type BuiltCli } from "../../support/built-cli.ts";
import { findCanaries, makeCanary, readFolder } from "../../support/canaries.ts";
import { PROTOCOLS } from "../../support/daemon.ts";
import { startEchoProvider, type EchoMode, type EchoProvider } from "../../support/echo-provider.ts";
import { listChats, listOthers, type RouteCall } from "../../support/every-route.ts";

/** Secrets of the configuration, and where each stands. */
const planted = {
  literal: makeCanary("li"),
  fromEnv: makeCanary("en"),
  fromFile: makeCanary("fi"),
  usual: `sk-${makeCanary("us")}`,
  header: makeCanary("he"),
  bearer: makeCanary("be"),
  urlPassword: makeCanary("pw"),
  urlUser: makeCanary("ur"),
  query: makeCanary("qu"),
  proxyPassword: makeCanary("px"),
  param: makeCanary("pa"),
  nested: makeCanary("ne"),
  targetParam: makeCanary("tp"),
  ruleParam: makeCanary("rp"),
};
const MODES: EchoMode[] = [401, 429, 400, 404, 500, 302, "html", "whole", "stream", "cut"];
/** Where secrets live: nowhere else may one be found. */
const HOLDERS = /^(?:config\.json(?:\.bak(?:-\d{8}T\d{9}Z)?|\.corrupt-.*)?|admin-token|pepper|key\.txt)$/;

let built: BuiltCli;
let cli: TestCli;
let provider: EchoProvider;
let seen: [string, string][];
let secrets: Record<string, string>;

beforeAll(async () => {
  built = buildCli();
  provider = await startEchoProvider();
  cli = createTestCli({ program: [process.execPath, built.path] });
  Object.assign(cli.env, { CCPROXY_PORT: "0", CANARY_KEY: planted.fromEnv, UNRELATED: makeCanary("un") });
  seen = [];
  mkdirSync(cli.home, { mode: 0o700 });
  writeFileSync(join(cli.home, "key.txt"), planted.fromFile, { mode: 0o600 });
  const address = `127.0.0.1:${provider.port}`;
  const providers: Record<string, object> = {};
  const groups: Record<string, object> = {};
  for (const protocol of PROTOCOLS) {
    const common = {
      protocol,
      baseUrl: `http://${planted.urlUser}:${planted.urlPassword}@${address}/?api_key=${planted.query}`,
    };
    providers[`${protocol}-keys`] = {
      ...common,
      keys: [planted.literal, "env:CANARY_KEY", "file:key.txt", planted.usual],
      params: { api_secret: planted.param, extra: { auth: [{ value: planted.nested }] } },
    };
    providers[`${protocol}-headers`] = {
      ...common,
      headers: { "x-api-token": planted.header, authorization: `Bearer ${planted.bearer}` },
    };
    providers[`${protocol}-proxy`] = {
      ...common,
      proxy: `http://${planted.urlUser}:${planted.proxyPassword}@${address}`,
    };
    for (const kind of ["keys", "headers", "proxy"])
      groups[`${protocol}-${kind}`] = {
        models: {
          "*": { target: `${protocol}-${kind}/*`, params: { sub: { access_token: planted.targetParam } } },
        },
        rules: [
          { when: { thinking: true }, use: `${protocol}-${kind}/m`, params: { cookie: planted.ruleParam } },
        ],
      };
  }
  writeFileSync(
    join(cli.home, "config.json"),
    JSON.stringify({ server: { maxWaitMs: 0 }, providers, groups }, undefined, 2),
    { mode: 0o600 },
  );
}, 60_000);

afterAll(async () => {
  await cli.run("stop", "--force", "--timeout", "1");
  cli.remove();
  await provider.close();
  built.remove();
});

/** Runs a command and keeps what it printed. */
async function command(...argv: string[]): Promise<string> {
  const { out, err } = await cli.run(...argv);
  seen.push([`ccproxy ${argv.join(" ")}`, `${out}\n${err}`]);
  return out;
}

async function ask(
  url: string,
  prefix: string,
  call: RouteCall,
  headers: Record<string, string>,
): Promise<string> {
  const where = `${call.method} ${prefix}${call.path}`;
  const response = await fetch(url + prefix + call.path, {
    method: call.method,
    headers: { "content-type": "application/json", ...headers },
    ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    redirect: "manual",
  });
  const body = await response.text().catch((error: Error) => `broke off: ${error.message}`);
  const head = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  seen.push([where, `${response.status}\n${head}\n${body}`]);
  return body;
}

it("S25: no secret turns up in anything that is printed, answered, logged or kept", async () => {
  const made = await cli.json<{ key: string; id: string }>("key", "add", "laptop");
  const { url, pid } = await cli.json<{ url: string; pid: number }>("start");
  const token = readFileSync(join(cli.home, "admin-token"), "utf8").trim();
  secrets = {
    ...planted,
    clientKey: made.key.slice(13),
    adminToken: token,
    pepper: readFileSync(join(cli.home, "pepper"), "utf8").trim(),
    wrongKey: `ccp_deadbeef_${makeCanary("wr")}`.slice(13),
    unrelated: cli.env["UNRELATED"] ?? "",
  };
  const wrong = `ccp_deadbeef_${secrets["wrongKey"]}`;

  // Every chat at every kind of provider, which fails in every way and quotes what it was sent.
  for (const kind of ["keys", "headers", "proxy"]) {
    for (const mode of kind === "keys" ? MODES : kind === "headers" ? (["stream", 400] as const) : [401]) {
      provider.fail(mode);
      const calls = PROTOCOLS.flatMap((protocol) =>
        listChats("m", "hello").map((call) => ({ call, prefix: `/${protocol}-${kind}` })),
      );
      await fetch(`${url}/admin/cooldowns`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${token}` },
      });
      await Promise.all(
        calls.map(({ call, prefix }) => ask(url, prefix, call, { authorization: `Bearer ${made.key}` })),
      );
    }
  }
  const beforeOthers = provider.said.length;
  for (const mode of [401, 500, "html", "whole"] satisfies EchoMode[]) {
    provider.fail(mode);
    for (const protocol of PROTOCOLS) {
      await fetch(`${url}/admin/cooldowns`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${token}` },
      });
      for (const call of listOthers("m", "hello"))
        await ask(url, `/${protocol}-keys`, call, { authorization: `Bearer ${made.key}` });
    }
  }
  expect(provider.said.length).toBeGreaterThan(beforeOthers);
  // Our own routes with the token, and every carrier with a wrong key.
  for (const call of listOthers("m", "hello").filter(({ path }) =>
    /^\/(?:status|metrics|usage|admin|health|ready)/.test(path),
  ))
    await ask(url, "", call, { authorization: `Bearer ${token}` });
  for (const call of [...listChats("m", "hello"), ...listOthers("m", "hello")]) {
    const query = `${call.path.includes("?") ? "&" : "?"}key=${encodeURIComponent(wrong)}`;
    await ask(url, "", { ...call, path: call.path + query }, {});
    await ask(url, "", call, { authorization: `Bearer ${wrong}` });
    await ask(url, "", call, { "x-api-key": wrong, "x-goog-api-key": wrong, "api-key": wrong });
    await ask(
      url,
      "",
      { ...call, path: `${call.path}${query.replace(encodeURIComponent(wrong), made.key)}` },
      {},
    );
  }
  await ask(url, "", { method: "POST", path: "/v1/chat/completions", body: `{"model": ${made.key}` }, {});

  const planned = readFileSync(join(cli.home, "config.json"), "utf8");
  // Every command that shows something, a mended configuration and broken ones.
  for (const id of PROTOCOLS.flatMap((protocol) => [
    `${protocol}-keys`,
    `${protocol}-headers`,
    `${protocol}-proxy`,
  ])) {
    await command("provider", "show", id);
    await command("provider", "show", id, "--json");
    await command("group", "show", id, "--json");
    await command("group", "edit", id, "--tools", "auto", "--json");
    await command("model", "show", "*", "--group", id, "--json");
    await command("model", "edit", "*", "--group", id, "--weight", "1", "--json");
    await command("provider", "edit", id, "--model", "m");
  }
  for (const argv of [
    ["provider", "list"],
    [
      "provider",
      "add",
      "again",
      "--protocol",
      "openai",
      "--base-url",
      `http://${planted.urlUser}:${planted.urlPassword}@127.0.0.1:1`,
      "--json",
    ],
    [
      "provider",
      "add",
      "wrong",
      "--protocol",
      "openai",
      "--base-url",
      `${planted.urlUser}:${planted.urlPassword}@127.0.0.1:1`,
    ],
    [
      "provider",
      "add",
      "wrong",
      "--protocol",
      "openai",
      "--base-url",
      "http://127.0.0.1:1",
      "--key",
      `${planted.literal} and more`,
    ],
    [
      "provider",
      "add",
      "wrong",
      "--protocol",
      "openai",
      "--base-url",
      "http://127.0.0.1:1",
      "--header",
      `x-key=${planted.header}\n`,
    ],
    ["provider", "remove", "again"],
    ["group", "list"],
    ["model", "list"],
    ["key", "list"],
    ["key", "show", "laptop"],
    ["key", "edit", "laptop", "--expires", "30d"],
    ["config", "path"],
    ["config", "schema"],
    ["config", "validate"],
    ["status"],
    ["status", "--json"],
    ["logs", "--lines", "100000"],
    ["logs", "--lines", "100000", "--json"],
    ["usage"],
    ["usage", "--json"],
    ["env"],
    ["version"],
    ["--help"],
    ["no-such-command"],
  ]) {
    await command(...argv);
    if (!argv.includes("--json")) await command(...argv, "--json");
  }
  // Whatever commands there are besides, with a provider, a group and an alias for what they want.
  const before = seen.length;
  for (const path of listCommands(commands).filter(([first = ""]) => !NOT_RUN.has(first))) {
    for (const more of [
      [],
      ["--json"],
      ["openai-keys"],
      ["openai-keys", "--json"],
      ["m", "--group", "openai-keys"],
    ])
      await command(...path, ...more);
  }
  expect(seen.length - before).toBeGreaterThan(100);
  // Some of them changed it, and removed what is looked for below.
  writeFileSync(join(cli.home, "config.json"), planned);
  await command("key", "list");
  seen.push(["process arguments", readProcess(pid, "cmdline")]);
  await command("restart");
  const good = readFileSync(join(cli.home, "config.json"), "utf8");
  for (const broken of breakings(good)) {
    writeFileSync(join(cli.home, "config.json"), broken);
    await command("config", "validate");
    await command("provider", "list");
    await command("provider", "add", "x", "--protocol", "openai", "--base-url", "http://127.0.0.1:1");
  }
  await command("restart");
  await command("stop");

  const files = readFolder(cli.home, (name) => HOLDERS.test(name));
  expect(files.map(([name]) => name)).toEqual(expect.arrayContaining(["ccproxy.log"]));
  const found = findCanaries([...seen, ...files], secrets);
  expect(
    [...new Set(found.map(({ where, canary, form }) => `${canary} ${form} ${where}`))].slice(0, 40),
  ).toEqual([]);
  expect(seen.length).toBeGreaterThan(1000);

  // The search finds what there is: where secrets live, and what the provider quoted.
  const inConfig = findCanaries([["config", good]], secrets).map(({ canary }) => canary);
  expect(new Set(inConfig)).toEqual(new Set(Object.keys(planted).filter((name) => !name.startsWith("from"))));
  const quoted = new Set(
    findCanaries(
      provider.said.map((text) => ["said", text]),
      secrets,
    ).map(({ canary }) => canary),
  );
  expect([...quoted].sort()).toEqual(
    [
      "bearer",
      "fromEnv",
      "fromFile",
      "header",
      "literal",
      "nested",
      "param",
      "proxyPassword",
      "query",
      "targetParam",
      "urlUser",
      "usual",
    ].sort(),
  );
}, 300_000);

/** They start something that stays, or have been run. */
const NOT_RUN = new Set(["serve", "start", "stop", "restart", "launch", "code", "run", "service"]);

const listCommands = (entries: Record<string, Entry>): string[][] =>
  Object.entries(entries).flatMap(([name, { children }]) =>
    children ? listCommands(children).map((path) => [name, ...path]) : [[name]],
  );

/** What people do to a configuration by hand. */
function breakings(good: string): string[] {
  const change = (
    edit: (config: { providers: Record<string, Record<string, unknown>> } & Record<string, unknown>) => void,
  ) => {
    const config = JSON.parse(good) as { providers: Record<string, Record<string, unknown>> } & Record<
      string,
      unknown
    >;
    edit(config);
    return JSON.stringify(config, undefined, 2);
  };
  const one = (fields: Record<string, unknown>) =>
    change(({ providers }) => Object.assign(providers["openai-keys"] ?? {}, fields));
  return [
    good.slice(0, good.indexOf(planted.literal) + 20),
    good.replace(`"${planted.literal}"`, planted.literal),
    good.replace(`"${planted.literal}",`, `"${planted.literal}"`),
    good.replace(`"${planted.literal}"`, `'${planted.literal}'`),
    one({ keys: planted.literal }),
    one({ keys: { [planted.literal]: 1 } }),
    one({ keys: [` ${planted.literal}`] }),
    one({ keys: [`env:${planted.literal}-x`] }),
    one({ key: planted.literal, apiKey: planted.literal }),
    one({ headers: planted.header }),
    one({ headers: { "x-api-token": [planted.header] } }),
    one({ headers: { "x-api-token": `${planted.header}\n` } }),
    one({ baseUrl: `${planted.urlUser}:${planted.urlPassword}@host` }),
    one({ baseUrl: `ftp://${planted.urlUser}:${planted.urlPassword}@host` }),
    one({ proxy: `//${planted.urlUser}:${planted.proxyPassword}@host` }),
    one({ params: planted.param }),
    change((config) => Object.assign(config, { keys: { k_1: { name: "x", hash: planted.literal } } })),
    change((config) => Object.assign(config, { server: { adminToken: planted.literal } })),
  ];
}

function readProcess(pid: number, what: string): string {
  try {
    return readFileSync(join("/proc", String(pid), what), "utf8");
  } catch {
    return "";
  }
}

it.runIf(process.platform === "linux")(
  "S28: the daemon gets the environment it needs, and no secret in its arguments",
  async () => {
    Object.assign(cli.env, {
      AWS_SECRET_ACCESS_KEY: "x1",
      GITHUB_TOKEN: "x2",
      OPENAI_API_KEY: "x3",
      LD_PRELOAD: "",
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
      LC_ALL: "C",
      NODE_EXTRA_CA_CERTS: "",
    });
    writeFileSync(
      join(cli.home, "config.json"),
      JSON.stringify({
        providers: { a: { protocol: "openai", baseUrl: "http://127.0.0.1:1", keys: ["env:CANARY_KEY"] } },
      }),
    );
    const { pid } = await cli.json<{ pid: number }>("start");
    const names = readProcess(pid, "environ")
      .split("\0")
      .filter(Boolean)
      .map((line) => line.slice(0, line.indexOf("=")));
    expect(names.sort()).toEqual(
      ["CANARY_KEY", "CCPROXY_HOME", "CCPROXY_PORT", "HOME", "LC_ALL", "NODE_EXTRA_CA_CERTS", "PATH"].sort(),
    );
    expect(readProcess(pid, "cmdline").split("\0").slice(2)).toEqual([
      "serve",
      "--config",
      join(cli.home, "config.json"),
      "",
    ]);
    expect(readProcess(pid, "environ")).toContain(planted.fromEnv);
    expect(dirname(built.path)).toContain("dist");
    await cli.run("stop");
  },
);
