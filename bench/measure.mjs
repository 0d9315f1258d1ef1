import { check } from "./check.mjs";
import { openConnection, toBytes } from "./connection.mjs";
import { median } from "./goals.mjs";
import { load } from "./load.mjs";

/**
 * Measures one scenario: every target is checked, warmed up, and then takes turns with the others, the order turned
 * round each time. A target that answers wrongly is not measured. Returns `{ id, rows: [{ name, rounds }] }`.
 */
export async function measure(scenario, targets, { provider, rounds, ms, warmMs, notice }) {
  await provider.configure(scenario.answers);
  const runners = [];
  for (const runner of listRunners(scenario, targets)) {
    try {
      await check(runner.target, runner.ask, { count: scenario.answers.count, strict: runner.isOurs });
      runners.push(runner);
    } catch (error) {
      if (runner.isOurs || runner.target.name === "pipe")
        throw new Error(`${scenario.id}, ${runner.name}: ${error.message}`, { cause: error });
      notice(`${scenario.id}: ${runner.name} answers wrongly and is left out: ${error.message}`);
    }
  }
  if (scenario.first) return { ...head(scenario), rows: await measureFirst(runners, { rounds, ms }) };
  const { connections, longer = 1 } = scenario;
  const run = ({ target, request }, span, count) =>
    load(target.address, request, { connections, ms: span * longer, pid: target.pid, count });
  // Code is compiled by how often it ran, not by how long: all are warmed by as many requests, within reason.
  for (const runner of runners) await run(runner, warmMs, WARM_REQUESTS);
  for (let round = 0; round < rounds; round++) {
    for (const runner of round % 2 === 0 ? runners : runners.toReversed())
      runner.rounds.push(await run(runner, ms));
  }
  return { ...head(scenario), tokens: scenario.answers.count, rows: runners.map(toRow) };
}

const head = ({ id, title }) => ({ id, title });
const toRow = ({ name, rounds }) => ({ name, rounds });

function listRunners({ ask, variants = [], only, first }, targets) {
  const toRunner = (target, question, name = target.name) => ({
    name,
    target,
    ask: question,
    request: target.request(question),
    isOurs: target.name === "ccproxy",
    rounds: [],
  });
  const wanted = targets.filter(
    ({ name, serves }) =>
      (!only || only.includes(name)) && (name !== "direct" || first) && (serves?.(ask) ?? true),
  );
  return wanted.flatMap((target) => [
    toRunner(target, ask),
    ...(target.name === "ccproxy"
      ? variants.map((variant) => toRunner(target, variant.ask, variant.name))
      : []),
  ]);
}

/** One request at a time, the targets in turn, so that what moves the machine moves all of them. */
async function measureFirst(runners, { rounds, ms }) {
  const lines = await Promise.all(
    runners.map(async ({ target, request }) => ({
      connection: await openConnection(target.address),
      bytes: toBytes(target.address, request),
    })),
  );
  const askAll = async () => {
    const times = [];
    for (const { connection, bytes } of lines) times.push((await connection.request(bytes)).firstMs);
    return times;
  };
  const turns = Math.max(8, Math.round(ms / 15));
  for (let turn = 0; turn < turns; turn++) await askAll();
  for (let round = 0; round < rounds; round++) {
    const times = [];
    for (let turn = 0; turn < turns; turn++) times.push(await askAll());
    for (const [index, runner] of runners.entries()) {
      const sorted = times.map((turn) => turn[index]).sort((a, b) => a - b);
      runner.rounds.push({ requests: turns, failed: 0, firstMs: median(sorted) });
    }
  }
  for (const { connection } of lines) connection.close();
  return runners.map(toRow);
}

const WARM_REQUESTS = 10_000;
