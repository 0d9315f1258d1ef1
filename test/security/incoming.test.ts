import { readdirSync, readFileSync, statSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { REQUEST_LIMITS, TEXT_LIMITS } from "../../server/body-limits.ts";
import { perProtocol, startDaemon, type TestDaemon } from "../support/daemon.ts";
import { readNativeError } from "../support/native-error.ts";
import { watchStalls } from "../support/stalls.ts";
import { FINE, startScriptedProvider, type ScriptedProvider } from "../support/scripted-provider.ts";
import { send } from "../support/send.ts";

// S16, S18 to S21. Without server/body-limits.ts the limits are answered 200; without the cap in readBody, so are bombs.
let provider: ScriptedProvider;
let daemon: TestDaemon;
beforeAll(async () => {
  provider = await startScriptedProvider(() => FINE);
  daemon = await startDaemon(perProtocol(provider.url));
});
const untouched = Object.getOwnPropertyNames(Object.prototype).sort();
afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(untouched);
  provider.seen.length = 0;
});
afterAll(async () => {
  await daemon.close();
  await provider.close();
});

type Body = Record<string, unknown>;
interface Door {
  protocol: string;
  path: string;
  body: Body;
  messages: (count: number) => Body;
  tools: (schemas: Body[]) => Body;
}
const repeat = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const turn = (at: number) => ({ role: at % 2 === 0 ? "user" : "assistant", content: "a" });

const doors: Door[] = [
  {
    protocol: "openai",
    path: "/v1/chat/completions",
    body: { model: "m", messages: [{ role: "user", content: "hi" }] },
    messages: (count) => ({ messages: repeat(count, turn) }),
    tools: (schemas) => ({
      tools: schemas.map((parameters, at) => ({
        type: "function",
        function: { name: `f${at}`, parameters },
      })),
    }),
  },
  {
    protocol: "openai-responses",
    path: "/v1/responses",
    body: { model: "m", input: "hi" },
    messages: (count) => ({ input: repeat(count, turn) }),
    tools: (schemas) => ({
      tools: schemas.map((parameters, at) => ({ type: "function", name: `f${at}`, parameters })),
    }),
  },
  {
    protocol: "claude",
    path: "/v1/messages",
    body: { model: "m", max_tokens: 5, messages: [{ role: "user", content: "hi" }] },
    messages: (count) => ({ messages: repeat(count, turn) }),
    tools: (schemas) => ({ tools: schemas.map((input_schema, at) => ({ name: `f${at}`, input_schema })) }),
  },
  {
    protocol: "gemini",
    path: "/v1beta/models/m:generateContent",
    body: { contents: [{ role: "user", parts: [{ text: "hi" }] }] },
    messages: (count) => ({
      contents: repeat(count, (at) => ({ role: at % 2 === 0 ? "user" : "model", parts: [{ text: "a" }] })),
    }),
    tools: (schemas) => ({
      tools: [{ functionDeclarations: schemas.map((parameters, at) => ({ name: `f${at}`, parameters })) }],
    }),
  },
  {
    protocol: "ollama",
    path: "/api/chat",
    body: { model: "m", stream: false, messages: [{ role: "user", content: "hi" }] },
    messages: (count) => ({ messages: repeat(count, turn) }),
    tools: (schemas) => ({
      tools: schemas.map((parameters, at) => ({
        type: "function",
        function: { name: `f${at}`, parameters },
      })),
    }),
  },
];
const named = doors.map((door) => [door.protocol, door] as const);

async function post(door: Door, body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(`${daemon.url}/${door.protocol}${door.path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return { status: response.status, text: await response.text() };
}
async function refused(door: Door, body: string | Buffer, status: number, headers?: Record<string, string>) {
  const answer = await post(door, body, headers);
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([status, expect.any(String)]);
  expect(provider.seen).toEqual([]);
  return readNativeError(door.protocol, answer);
}
async function taken(door: Door, body: string | Buffer, headers?: Record<string, string>) {
  const answer = await post(door, body, headers);
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.any(String)]);
  provider.seen.length = 0;
}
const withField = (door: Door, json: string): string =>
  `${JSON.stringify(door.body).slice(0, -1)},"x_extra":${json}}`;

describe.each(named)("S16: %s", (_name, door) => {
  it("body: at the limit, one byte over, a hundred times; told before or not", async () => {
    const most = 300_000;
    await daemon.storage.config.update((draft) => {
      draft.server.maxBodyBytes = most;
    });
    const padded = (size: number): string => {
      const bare = withField(door, '""');
      return withField(door, `"${"x".repeat(size - bare.length)}"`);
    };
    await taken(door, padded(most));
    expect(await refused(door, padded(most + 1), 413)).toContain(String(most));
    for (let round = 0; round < 5; round++) {
      expect(await refused(door, padded(most * 100), 413)).toContain(String(most));
      const chunked = await postChunked(door, padded(most * 20));
      expect([chunked.status, readNativeError(door.protocol, chunked)]).toEqual([
        413,
        expect.stringContaining(String(most)),
      ]);
    }
    await daemon.storage.config.update((draft) => {
      delete draft.server.maxBodyBytes;
    });
  });

  it("depth, keys and values: at the limit, one over, a hundred times", async () => {
    const nested = (depth: number): string => "[".repeat(depth - 1) + "]".repeat(depth - 1);
    await taken(door, withField(door, nested(TEXT_LIMITS.depth)));
    for (const depth of [TEXT_LIMITS.depth + 1, TEXT_LIMITS.depth * 100, 1_000_000])
      expect(await refused(door, withField(door, nested(depth)), 400)).toContain("deeper");
    const own = JSON.stringify(door.body).split(":").length;
    const keyed = (keys: number): string => `{${repeat(keys - own, (at) => `"k${at}":1`).join(",")}}`;
    await taken(door, withField(door, keyed(TEXT_LIMITS.keys)));
    expect(await refused(door, withField(door, keyed(TEXT_LIMITS.keys + 1)), 400)).toContain("keys");
    expect(await refused(door, withField(door, `[${"{},".repeat(TEXT_LIMITS.values)}{}]`), 400)).toContain(
      "values",
    );
  });

  it("messages, tools and schemas: at the limit, one over, ten times", async () => {
    const write = (fields: Body): string => JSON.stringify({ ...door.body, ...fields });
    await taken(door, write(door.messages(REQUEST_LIMITS.messages)));
    for (const count of [REQUEST_LIMITS.messages + 1, REQUEST_LIMITS.messages * 4])
      expect(await refused(door, write(door.messages(count)), 400)).toContain("messages");
    const plain = { type: "object", properties: {} };
    const tools = (count: number): string => write(door.tools(repeat(count, () => plain)));
    await taken(door, tools(REQUEST_LIMITS.tools));
    for (const count of [REQUEST_LIMITS.tools + 1, REQUEST_LIMITS.tools * 10])
      expect(await refused(door, tools(count), 400)).toContain("tools");
    const wide = (nodes: number): Body => ({
      type: "object",
      properties: { a: { type: "string", enum: repeat(nodes, (at) => `v${at}`) } },
    });
    await taken(door, write(door.tools([wide(REQUEST_LIMITS.schemaNodes - 10)])));
    for (const nodes of [REQUEST_LIMITS.schemaNodes + 1, REQUEST_LIMITS.schemaNodes * 10])
      expect(await refused(door, write(door.tools([plain, wide(nodes)])), 400)).toContain("nodes");
    const deep = (depth: number): Body =>
      depth === 0 ? { type: "string" } : { type: "array", items: deep(depth - 1) };
    expect(await refused(door, write(door.tools([deep(REQUEST_LIMITS.schemaDepth + 1)])), 400)).toContain(
      "deeper",
    );
  });

  it("an encoded body is decoded, one that is none refused, one this Node.js cannot read told so", async () => {
    const body = JSON.stringify(door.body);
    for (const [encoding, bytes] of [
      ["gzip", gzipSync(body)],
      ["GZIP", gzipSync(body)],
      ["x-gzip", gzipSync(body)],
      ["deflate", deflateSync(body)],
      ["br", brotliCompressSync(body)],
    ] as const)
      await taken(door, bytes, { "content-encoding": encoding });
    for (const encoding of ["gzip", "deflate", "br"]) {
      const packed = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[
        encoding
      ] as typeof gzipSync;
      expect(await refused(door, body, 400, { "content-encoding": encoding })).toContain("content-encoding");
      const cut = packed(body).subarray(0, -3);
      expect(await refused(door, cut, 400, { "content-encoding": encoding })).toContain("content-encoding");
    }
    for (const encoding of ["compress", "gzip, gzip", "exi", "zstd2"])
      expect(await refused(door, body, 415, { "content-encoding": encoding })).toContain("content-encoding");
    if (!("createZstdDecompress" in (await import("node:zlib"))))
      expect(await refused(door, body, 415, { "content-encoding": "zstd" })).toMatch(/zstd needs Node.js 22/);
  });

  it("S21: a bomb is unpacked no further than a body may be", async () => {
    const before = process.memoryUsage().rss;
    for (const [encoding, pack] of [
      ["gzip", gzipSync],
      ["deflate", deflateSync],
      ["br", brotliCompressSync],
    ] as const) {
      const bomb = pack(Buffer.alloc(100 * 1024 * 1024, 0x20));
      expect(await refused(door, bomb, 413, { "content-encoding": encoding })).toContain("maxBodyBytes");
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  });
});

describe("S18: prototypes", () => {
  it.each(named)("%s: at every place of a body, 400 and nothing changed", async (_name, door) => {
    const full = JSON.stringify({
      ...door.body,
      ...door.messages(3),
      ...door.tools([{ type: "object", properties: { a: { type: "string" } } }]),
    });
    let places = 0;
    for (let at = full.indexOf("{"); at !== -1; at = full.indexOf("{", at + 1)) {
      for (const key of [
        '"__proto__":{"polluted":1}',
        String.raw`"__\u0070roto__":{"stream":true}`,
        '"constructor":{"prototype":{"polluted":1}}',
      ]) {
        const rest = full.slice(at + 1);
        const bad = `${full.slice(0, at + 1)}${key}${rest.startsWith("}") ? "" : ","}${rest}`;
        expect(await refused(door, bad, 400)).toContain("__proto__");
        expect(({} as Body).polluted).toBeUndefined();
        places++;
      }
    }
    expect(places).toBeGreaterThan(15);
  });

  it("in paths, queries, headers and model names", async () => {
    for (const word of ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"]) {
      for (const path of [
        `/${word}/v1/models`,
        `/v1/models/${word}`,
        `/v1/models?${word}=1&${word}[x]=1`,
        `/v1beta/models/${word}`,
        `/v1/responses/resp_${word}`,
        `/${word}`,
      ]) {
        const { status } = await send("GET", daemon.url + path, undefined, {
          [word]: "1",
          "x-api-key": word,
        });
        expect([path, [200, 400, 404].includes(status)]).toEqual([path, true]);
      }
    }
  });
});

describe("S19: regular expressions over outside text", () => {
  const sources = ["adapters", "compat", "routing", "server", "storage"].flatMap((folder) =>
    listSources(folder),
  );

  it("none repeats what repeats", () => {
    const found: string[] = [];
    for (const [file, text] of sources)
      for (const pattern of listPatterns(text))
        if (hasNestedRepeat(pattern)) found.push(`${file}: ${pattern}`);
    expect(found).toEqual(LINEAR);
    expect(sources.flatMap(([, text]) => listPatterns(text)).length).toBeGreaterThan(200);
  });

  it("and the look for them finds them", () => {
    for (const pattern of ["(a+)+", "(?:a*)*b", "(\\s*x*)+$", "((a|b)+c?)*", "(?:[^,]+,?)+", "(a{2,})*"])
      expect([pattern, hasNestedRepeat(pattern)]).toEqual([pattern, true]);
    for (const pattern of [
      "a+b+",
      "(?:ab)+",
      "(a|b)*",
      "[a+]+",
      "\\(a+\\)+",
      "(?:a\\d)+x*",
      "(a?b)+",
      "(?:\\.\\d{1,3}){3}",
    ])
      expect([pattern, hasNestedRepeat(pattern)]).toEqual([pattern, false]);
  });

  it(
    "hostile texts of 100 KB, everywhere a text goes, stop nothing",
    { timeout: 60_000, retry: 2 },
    async () => {
      const long = 100_000;
      const hostile = [
        " ".repeat(long),
        `${"\n".repeat(long)}x`,
        `${"\t ".repeat(long / 2)}!`,
        "a".repeat(long),
        `${"ab".repeat(long / 2)}!`,
        "/".repeat(long),
        `${"a/".repeat(long / 2)}!`,
        ":".repeat(long),
        "@".repeat(long),
        "-".repeat(long),
        ".".repeat(long),
        "<".repeat(long),
        "<tool_call>".repeat(long / 11),
        "<think>".repeat(long / 7),
        "```".repeat(long / 3),
        "```json\n{".repeat(long / 9),
        "[TOOL_CALLS]".repeat(long / 12),
        "data:image/png;base64,".repeat(long / 22),
        `data:${";a=b".repeat(long / 4)}`,
        "\\".repeat(long),
        '"'.repeat(long),
        "{".repeat(long),
        "%2e".repeat(long / 3),
        "=".repeat(long),
        "1".repeat(long),
        `${"1.".repeat(long / 2)}x`,
      ];
      const stall = watchStalls();
      for (const [, door] of named) {
        for (const text of hostile) {
          const user = (content: unknown): Body =>
            JSON.parse(JSON.stringify(door.body).replace('"hi"', () => JSON.stringify(content))) as Body;
          const tool = {
            type: "object",
            description: text,
            properties: { [text]: { type: "string", pattern: text } },
          };
          for (const body of [
            user(text),
            { ...door.body, ...door.tools([tool]) },
            { ...door.body, model: text },
            {
              ...door.body,
              metadata: { user_id: text },
              tool_choice: text,
              system: text,
              format: text,
              keep_alive: text,
            },
          ])
            await post(door, JSON.stringify(body));
          provider.seen.length = 0;
        }
      }
      for (const text of hostile) {
        const short = text.slice(0, 6000).replace(/[^!-~]/g, "a");
        for (const [name, value] of [
          ["authorization", `Bearer ${short}`],
          ["authorization", `Basic ${short}`],
          ["anthropic-beta", short],
          ["content-type", short],
          ["origin", short],
          ["host", short],
          ["user-agent", short],
        ] as const)
          await send("GET", `${daemon.url}/v1/models`, undefined, { [name]: value }).catch(() => undefined);
        for (const path of ["/", "/v1beta/models/", "/v1/models/", "/api/blobs/", "/v1/responses/resp_"])
          await send("GET", daemon.url + path + short.replace(/[^\w/.:@=-]/g, "a"));
      }
      expect(stall()).toBeLessThan(200);
    },
  );
});

describe("S20: tool schemas", () => {
  const doubling = (levels: number): Body => {
    const defs: Body = {};
    for (let at = 0; at < levels; at++)
      defs[`d${at}`] = { anyOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] };
    return {
      type: "object",
      properties: { a: { $ref: "#/$defs/d0" } },
      $defs: { ...defs, [`d${levels}`]: { type: "string" } },
    };
  };
  const cyclic: Body = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
  const bombs: Body[] = [
    ...repeat(40, (at) => doubling(at + 1)),
    ...repeat(40, (at) => ({ ...cyclic, title: `t${at}` })),
    ...repeat(20, (at) => ({ type: "object", properties: { a: { $ref: `http://127.0.0.1:1/${at}.json` } } })),
    ...repeat(20, (at) => ({ type: "object", properties: { a: { $ref: `file:///etc/passwd#${at}` } } })),
    ...repeat(20, (at) => ({ type: "string", enum: repeat(400 * at, (value) => `v${value}`) })),
    ...repeat(20, (at) => ({
      type: "array",
      uniqueItems: true,
      items: { pattern: `(a+)+${at}$`, format: "uri" },
    })),
    ...repeat(20, (at) => ({ allOf: repeat(at * 20, () => ({ not: { not: {} } })) })),
    ...repeat(20, (at) => ({
      type: "object",
      properties: Object.fromEntries(repeat(at * 50, (key) => [`p${key}`, {}])),
    })),
  ];

  it(
    "200 bombs, native and emulated, stop nothing and ask nobody",
    { timeout: 60_000, retry: 2 },
    async () => {
      expect(bombs.length).toBeGreaterThanOrEqual(200);
      const stall = watchStalls();
      for (const [, door] of named) {
        for (const bomb of bombs) {
          const body = JSON.stringify({ ...door.body, ...door.tools([bomb]) });
          for (const prefix of ["", "/compat"]) {
            const response = await fetch(`${daemon.url}/${door.protocol}${prefix}${door.path}`, {
              method: "POST",
              body,
            });
            await response.text();
            expect([200, 400]).toContain(response.status);
          }
          provider.seen.length = 0;
        }
      }
      expect(stall()).toBeLessThan(200);
    },
  );
});

/** Looked at by hand: every round begins with a bracket, which nothing else in the round or before it takes. */
const LINEAR = [
  "compat/tools/dialects/sections.ts: ^\\s*(?:<[｜|][^<>]{1,40}>\\s*(?:function\\s*(?=<[｜|]))?)*",
];

function listSources(folder: string): [string, string][] {
  return readdirSync(folder).flatMap((name): [string, string][] => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return listSources(path);
    return path.endsWith(".ts") ? [[path, readFileSync(path, "utf8")]] : [];
  });
}

/** Regular expressions written in a source: after what an expression may follow, to the slash that ends them. */
function listPatterns(text: string): string[] {
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
  return [
    ...code.matchAll(/[=(,:?[!&|{};>]\s*\/((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/[dgimsuvy]*/g),
  ].map(([, pattern]) => pattern as string);
}

/** Whether a group that is repeated without end holds something that is repeated without end, and nothing that must come between. */
function hasNestedRepeat(pattern: string): boolean {
  const bare = pattern.replace(/\\./g, "e").replace(/\[(?:[^\]])*\]/g, "c");
  const open: boolean[] = [];
  let repeats = false;
  for (let at = 0; at < bare.length; at++) {
    const endless = /^(?:[*+]|\{\d+,\})/.test(bare.slice(at + 1));
    if (bare[at] === "(") {
      open.push(repeats);
      repeats = false;
    } else if (bare[at] === ")") {
      if (repeats && endless) return true;
      repeats = (open.pop() ?? false) || repeats || endless;
    } else if (endless) repeats = true;
  }
  return false;
}

/** Sent in pieces, without its length. */
function postChunked(door: Door, text: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      `${daemon.url}/${door.protocol}${door.path}`,
      { method: "POST" },
      (response) => {
        let said = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text: said }));
      },
    );
    outgoing.on("error", reject);
    for (let at = 0; at < text.length; at += 50_000) outgoing.write(text.slice(at, at + 50_000));
    outgoing.end();
  });
}
