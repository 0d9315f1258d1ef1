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
  const { connections, longer = 1, first } = scenario;
  const run = ({ target, request }, span, count) =>
    load(target.address, request, { connections, ms: span * longer, pid: target.pid, count });
  // Code is compiled by how often it ran, not by how long: all are warmed by as many requests, within reason.
  for (const runner of runners) await run(runner, warmMs, WARM_REQUESTS);
  if (first) return { ...head(scenario), rows: await measureFirst(runners, first, { rounds, ms }) };
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

/**
 * One request at a time. `row`: every target has a row of them, as a client's are that has it for itself; `turns`: after
 * each request all the others have theirs, so that a target finds the processor's caches full of what is not its own.
 */
async function measureFirst(runners, order, { rounds, ms }) {
  const turns = Math.max(8, Math.round(ms / 15));
  const measureRound = async (asked) => {
    const times = new Map(asked.map((runner) => [runner, []]));
    // Those that wait longer for their row are asked over a connection of their own, which the server has not closed.
    const groups = order === "row" ? asked.map((runner) => [runner]) : [asked];
    for (const group of groups) {
      const lines = await Promise.all(group.map(openLine));
      for (const { ask } of lines) await ask();
      for (let turn = 0; turn < turns; turn++)
        for (const [index, { ask }] of lines.entries()) times.get(group[index]).push((await ask()).firstMs);
      for (const { close } of lines) close();
    }
    return times;
  };
  await measureRound(runners);
  for (let round = 0; round < rounds; round++) {
    const times = await measureRound(round % 2 === 0 ? runners : runners.toReversed());
    for (const runner of runners) {
      const firstMs = median(times.get(runner).sort((a, b) => a - b));
      runner.rounds.push({ requests: turns, failed: 0, firstMs });
    }
  }
  return runners.map(toRow);
}

async function openLine({ target, request }) {
  const { request: send, close } = await openConnection(target.address);
  const bytes = toBytes(target.address, request);
  return { ask: () => send(bytes), close };
}

const WARM_REQUESTS = 10_000;
