import { openConnection, toBytes } from "./connection.mjs";
import { check } from "./check.mjs";
import { median, rate } from "./goals.mjs";
import { load } from "./load.mjs";
import { readCpuUs } from "./process-meter.mjs";
import { createRequest } from "./requests.mjs";
import { ALIAS, startDaemon } from "./targets/daemon.mjs";
import { MODEL } from "./wire.mjs";

/**
 * Whether cost stays flat as things grow: each row is a daemon, or a load, that is small once and large once, measured
 * in turn. `figure`: processor time of the large one over the small one, per request or per token.
 */
export async function measureGrowth({ provider, pins, rounds, ms, notice }) {
  const goals = [];
  for (const [title, small, large] of sizes(provider.url)) {
    notice(`growth: ${title} …`);
    await provider.configure({ count: 20, mode: "burst", batch: 10, delayMs: 0, firstMs: 0 });
    const daemons = [];
    try {
      for (const config of [small, large]) daemons.push(await startDaemon({ provider, pins, config }));
      goals.push(goal(`Cost per request, ${title}`, await compare(daemons, { rounds, ms })));
    } finally {
      for (const daemon of daemons) daemon.stop();
    }
  }
  const daemon = await startDaemon({ provider, pins });
  try {
    notice("growth: concurrent streams …");
    goals.push(
      goal(
        "Cost per token, 1,000 streams at once over 10",
        await compareCrowds(daemon, { provider, rounds }),
      ),
    );
    notice("growth: a long stream …");
    goals.push(
      goal(
        "Cost per token, the end of 200,000 over the beginning",
        await followLongStream(daemon, { provider }),
      ),
    );
    notice("growth: a large body …");
    goals.push(
      goal("Longest pause of other streams during 20 MB bodies", await stall(daemon, { provider }), PAUSE),
    );
  } finally {
    daemon.stop();
  }
  return { goals };
}

const FLAT = { unit: "×", must: 1.25, stretch: 1.1, better: "less" };
const PAUSE = { unit: "ms", must: 200, stretch: 50, better: "less" };

function goal(title, figures, bounds = FLAT) {
  const sorted = figures.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return { title, ...bounds };
  const value = median(sorted);
  return { title, ...bounds, value, min: sorted[0], max: sorted.at(-1), ...rate(bounds, value) };
}

/** What there is few of, and many of. The alias that is asked for is the last one of all. */
function sizes(url) {
  const make = ({ aliases = 0, globs = 0, keys = 0, providers = 0 }) => {
    const provider = { protocol: "openai", baseUrl: `${url}/v1`, keys: ["sk-test"] };
    const models = {};
    for (let at = 0; at < aliases; at++) models[`alias-${at}`] = `openai/${MODEL}`;
    for (let at = 0; at < globs; at++) models[`glob-${at}-*`] = `openai/${MODEL}`;
    models[ALIAS] = `openai/${MODEL}`;
    models["*"] = "openai/*";
    const all = { openai: provider };
    for (let at = 0; at < providers; at++) all[`provider-${at}`] = provider;
    const clients = {};
    for (let at = 0; at < keys; at++) {
      const id = at.toString(16).padStart(8, "0");
      clients[`k_${id}`] = {
        name: `client ${at}`,
        hash: id.repeat(8),
        createdAt: "2026-01-01T00:00:00.000Z",
      };
    }
    return { providers: all, groups: { openai: { models } }, keys: clients };
  };
  return [
    ["10,000 aliases over 1", make({}), make({ aliases: 10_000 })],
    ["1,000 patterns over 1", make({}), make({ globs: 1000 })],
    ["1,000 client keys over 1", make({}), make({ keys: 1000 })],
    ["100 providers over 1", make({}), make({ providers: 100 })],
  ];
}

const ASK = { client: "openai", provider: "openai", kind: "small", stream: false };

async function compare(daemons, { rounds, ms }) {
  const requests = daemons.map((daemon) => daemon.request(ASK));
  for (const [index, daemon] of daemons.entries()) {
    await check(daemon, ASK, { count: 20 });
    await load(daemon.address, requests[index], { connections: 16, ms: ms * 2 });
  }
  const figures = [];
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    const cost = [];
    for (const index of order) {
      const { address, pid } = daemons[index];
      cost[index] = (await load(address, requests[index], { connections: 16, ms, pid })).cpuUs;
    }
    figures.push(cost[1] / cost[0]);
  }
  return figures;
}

/** A token every 100 ms in each stream; what is compared is processor time per token. */
async function compareCrowds(daemon, { provider, rounds }) {
  await provider.configure({ count: 20, mode: "paced", batch: 1, delayMs: 100, firstMs: 0 });
  const ask = { client: "claude", provider: "openai", kind: "small", stream: true };
  await check(daemon, ask, { count: 20 });
  const run = async (connections) =>
    (await load(daemon.address, daemon.request(ask), { connections, ms: 100, pid: daemon.pid })).cpuUs;
  await run(1000);
  const figures = [];
  for (let round = 0; round < Math.min(3, rounds); round++) figures.push((await run(1000)) / (await run(10)));
  return figures;
}

/** One answer of 200,000 tokens: processor time of its last quarter over that of its second. */
async function followLongStream(daemon, { provider }) {
  const count = 200_000;
  await provider.configure({ count, mode: "burst", batch: 10, delayMs: 0, firstMs: 0 });
  const figures = [];
  for (const client of ["openai", "claude"]) {
    const request = daemon.request({ client, provider: "openai", kind: "small", stream: true });
    const connection = await openConnection(daemon.address);
    for (let round = 0; round < 3; round++) {
      let bytes = 0;
      const marks = [];
      const { status, bytes: whole } = await connection.request(toBytes(daemon.address, request), {
        onData(data) {
          bytes += data.length;
          marks.push([bytes, readCpuUs(daemon.pid)]);
        },
      });
      if (status !== 200) throw new Error(`a long stream was answered with ${status}`);
      const at = (share) => marks.find(([seen]) => seen >= whole * share)[1];
      figures.push((at(1) - at(0.75)) / (at(0.5) - at(0.25)));
    }
    connection.close();
  }
  // The first of each protocol also warms up.
  return figures.filter((_, index) => index % 3 !== 0);
}

/** Streams of a token every 10 ms, while 20 MB bodies with images go through: their longest silences. */
async function stall(daemon, { provider }) {
  await provider.configure({ count: 400, mode: "paced", batch: 1, delayMs: 10, firstMs: 0 });
  const pauses = [];
  for (const client of ["openai", "claude"]) {
    const big = toBytes(daemon.address, createBigRequest(client, daemon));
    const small = toBytes(
      daemon.address,
      daemon.request({ client: "claude", provider: "openai", kind: "small", stream: true }),
    );
    for (let round = 0; round < 2; round++) {
      const streams = Array.from({ length: 4 }, async () => {
        const connection = await openConnection(daemon.address);
        let last = performance.now();
        let longest = 0;
        await connection.request(small, {
          onData() {
            const now = performance.now();
            longest = Math.max(longest, now - last);
            last = now;
          },
        });
        connection.close();
        return longest;
      });
      await new Promise((resolve) => {
        setTimeout(resolve, 500);
      });
      const line = await openConnection(daemon.address);
      const { status } = await line.request(big);
      line.close();
      if (status !== 200) throw new Error(`a body of 20 MB was answered with ${status}`);
      pauses.push(Math.max(...(await Promise.all(streams))));
    }
  }
  return pauses;
}

function createBigRequest(client, daemon) {
  const { body, ...request } = createRequest(client, {
    kind: "small",
    stream: false,
    key: daemon.key,
    model: ALIAS,
    prefix: "/openai",
  });
  const whole = JSON.parse(body);
  const data = Buffer.alloc(5 * 1024 * 1024 * 0.75, "image").toString("base64");
  const image =
    client === "claude"
      ? { type: "image", source: { type: "base64", media_type: "image/png", data } }
      : { type: "image_url", image_url: { url: `data:image/png;base64,${data}` } };
  whole.messages.push({
    role: "user",
    content: [{ type: "text", text: "Look." }, image, image, image, image],
  });
  return { ...request, body: JSON.stringify(whole) };
}
