// What compat mode costs, measured from outside: a daemon of the built `dist/` between a client (Claude's protocol) and
// a local stand-in for a provider (OpenAI chat), once converting only, once with tools emulated.
//   npm run build && npm run bench:compat [-- --json]
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CHUNKS = [1, 4, 16, 64, "whole"];
const TOOL_COUNTS = [1, 5, 20, 60];
/** `compat` itself is a word of the paths. */
const GROUPS = { native: "native", compat: "emulated" };
const SIZE = 64 * 1024;
/** Milliseconds per measured pair, so that the whole run stays well below a minute. */
const BUDGET = 2000;
const MAX_ROUNDS = 15;

const started = performance.now();
const json = process.argv.includes("--json");
const { streams, seen, provider, providerUrl } = await startProvider();
const { url, stop } = await startDaemon(providerUrl);
try {
  const scans = [];
  for (const [kind, text] of Object.entries(texts())) {
    for (const chunk of CHUNKS) {
      streams.set("m", toStream(text, chunk));
      const times = await measure();
      scans.push({ answer: kind, chunk, characters: text.length, ...times });
    }
  }
  const prompts = [];
  streams.set("m", toStream("Done.", "whole"));
  for (const count of TOOL_COUNTS) {
    const tools = makeTools(count);
    const { native, compat } = await measure(tools);
    await ask(GROUPS.compat, tools);
    const prompt = seen.body.messages.find(({ role }) => role === "system")?.content ?? "";
    const prompted = typeof prompt === "string" ? prompt : prompt.map(({ text }) => text).join("");
    prompts.push({
      tools: count,
      toolsJson: JSON.stringify(tools).length,
      prompt: prompted.length,
      native,
      compat,
    });
  }
  const seconds = round((performance.now() - started) / 1000);
  print({ node: process.version, seconds, scans, prompts });
} finally {
  stop();
  provider.closeAllConnections();
  provider.close();
}

/** Milliseconds of an answer in both ways, each the median of alternating rounds. */
async function measure(tools = makeTools(3)) {
  const times = { native: [], compat: [] };
  for (const group of Object.values(GROUPS)) await ask(group, tools);
  const end = performance.now() + BUDGET;
  for (let turn = 0; turn < MAX_ROUNDS && performance.now() < end; turn++) {
    for (const [way, group] of Object.entries(GROUPS)) {
      const from = performance.now();
      await ask(group, tools);
      times[way].push(performance.now() - from);
    }
  }
  return { native: median(times.native), compat: median(times.compat), rounds: times.native.length };
}

async function ask(group, tools) {
  const response = await fetch(`${url}/${group}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model: "m",
      max_tokens: 1000,
      stream: true,
      tools: tools.map(({ parameters, ...tool }) => ({ ...tool, input_schema: parameters })),
      messages: [{ role: "user", content: "Go on." }],
    }),
  });
  const text = await response.text();
  if (!response.ok || !text.includes("message_stop")) throw new Error(`${group}: ${text.slice(0, 500)}`);
}

function texts() {
  const sentence = "Some prose with `code`, a < b, [a list] and {braces} that are no call at all.\n";
  const prose = sentence.repeat(Math.ceil(SIZE / sentence.length)).slice(0, SIZE);
  const call = { name: "tool_0", arguments: { path: "a.txt", text: prose.slice(0, SIZE - 100) } };
  return { text: prose, call: `\`\`\`json\n${JSON.stringify(call)}\n\`\`\`` };
}

function makeTools(count) {
  return Array.from({ length: count }, (_, index) => ({
    name: `tool_${index}`,
    description: `Does thing number ${index} to a file and tells what came of it.`,
    parameters: {
      type: "object",
      properties: {
        path: { type: "string", description: "The file's path." },
        text: { type: "string", description: "The text for it." },
        limit: { type: "integer", description: "How much of it at most." },
      },
      required: ["path"],
    },
  }));
}

/** An answer of OpenAI's chat completions in pieces of so many characters, as one buffer. */
function toStream(text, chunk) {
  const size = chunk === "whole" ? text.length : chunk;
  const frame = (delta, reason = null) =>
    `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
  const frames = [frame({ role: "assistant", content: "" })];
  for (let at = 0; at < text.length; at += size) frames.push(frame({ content: text.slice(at, at + size) }));
  frames.push(frame({}, "stop"), "data: [DONE]\n\n");
  return Buffer.from(frames.join(""));
}

async function startProvider() {
  const streams = new Map();
  const seen = { body: undefined };
  const provider = createServer((req, res) => {
    const parts = [];
    req.on("data", (part) => parts.push(part));
    req.on("end", () => {
      seen.body = JSON.parse(Buffer.concat(parts).toString("utf8"));
      res.writeHead(200, { "content-type": "text/event-stream" }).end(streams.get(seen.body.model));
    });
  });
  const port = await listen(provider);
  return { streams, seen, provider, providerUrl: `http://127.0.0.1:${port}/v1` };
}

async function startDaemon(baseUrl) {
  const home = mkdtempSync(join(tmpdir(), "ccproxy-bench-"));
  const config = {
    providers: { up: { protocol: "openai", baseUrl } },
    groups: {
      native: { models: { "*": "up/*" }, tools: "native" },
      emulated: { models: { "*": "up/*" }, tools: "compat" },
    },
  };
  writeFileSync(join(home, "config.json"), JSON.stringify(config), { mode: 0o600 });
  const probe = createServer();
  const port = await listen(probe);
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
  const daemon = spawn(process.execPath, [cli, "serve", "--port", String(port)], {
    env: { ...process.env, CCPROXY_HOME: home },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  daemon.stderr.on("data", (text) => {
    errors = (errors + text).slice(-2000);
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = () => {
    daemon.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true });
  };
  for (let turn = 0; turn < 100; turn++) {
    const up = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return { url, stop };
    if (daemon.exitCode !== null) break;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
  stop();
  throw new Error(`the daemon did not start; is ${cli} built? (npm run build)\n${errors}`);
}

function listen(server) {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server.address().port));
  });
}

function print(result) {
  if (json) return void process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  const scans = result.scans.map(({ answer, chunk, characters, native, compat }) => [
    answer,
    chunk,
    native,
    compat,
    round(compat / native),
    // What compat mode adds, per piece of the answer; below the noise of the machine it may be negative.
    chunk === "whole" ? "" : round(((compat - native) * 1000) / (characters / chunk)),
    round(characters / 1000 / compat),
  ]);
  const heads = ["answer", "chunk", "native ms", "compat ms", "times", "added µs/chunk", "compat MB/s"];
  const prompts = result.prompts.map(({ tools, toolsJson, prompt, native, compat }) => [
    tools,
    toolsJson,
    prompt,
    round(prompt / toolsJson),
    native,
    compat,
  ]);
  const promptHeads = ["tools", "their JSON", "prompt", "times", "native ms", "compat ms"];
  const lines = [
    `An answer of ${SIZE} characters, streamed:`,
    ...table(heads, scans),
    "",
    "The prompt in characters, and a short answer:",
    ...table(promptHeads, prompts),
    "",
    `${result.seconds} s, Node ${result.node}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function table(heads, rows) {
  const all = [heads, ...rows].map((row) => row.map(String));
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) => row.map((cell, column) => cell.padStart(widths[column])).join("  "));
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  return round(sorted[Math.floor(sorted.length / 2)]);
}

function round(value) {
  return Math.round(value * 100) / 100;
}
