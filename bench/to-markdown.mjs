import { median } from "./goals.mjs";
import { number } from "./report.mjs";

/** The page with its tables written anew: what stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
export function toMarkdown(page, { full, growth, soak }) {
  return Object.entries({
    machine: full && toMachine(full),
    goals: full && toTable(full.goals),
    first: full && toFirst(full.results),
    cost: full && toCosts(full.results),
    growth: growth && toTable(growth.goals),
    start: full?.start && toRows(full.start.rows),
    soak: soak && toSoak(soak),
  }).reduce((text, [name, content]) => (content === undefined ? text : put(text, name, content)), page);
}

function put(page, name, content) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(open), page.indexOf(close)];
  if (from === -1 || to < from) throw new Error(`docs/performance.md lacks ${open} … ${close}`);
  return `${page.slice(0, from + open.length)}\n\n${content}\n\n${page.slice(to)}`;
}

function toMachine({ date, machine, peers, seconds }) {
  const others = Object.entries(peers).map(([name, version]) => `${name} (${version})`);
  return [
    `${date}, ${machine.processors} processors (${machine.cpu}), ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}${machine.pinned ? ", pinned" : ", not pinned"}, ${seconds} s.`,
    machine.load > machine.processors
      ? `**The machine was busy with other work meanwhile** (load ${machine.load} before it began): rates and times are those of servers that had to wait, and scatter; processor time does less.`
      : "",
    others.length > 0 ? `Other gateways: ${others.join(", ")}.` : "No other gateways in this run.",
  ]
    .filter(Boolean)
    .join(" ");
}

function toTable(goals) {
  const cells = goals.map(({ title, better, unit, must, stretch, value, min, max, met, stretched }) => {
    const sign = better === "more" ? "≥" : "≤";
    const bound = (limit) => (limit === undefined ? "" : `${sign} ${limit}`);
    const verdict = stretched ? "stretch" : met ? "met" : "**missed**";
    return [
      title,
      unit,
      bound(must),
      bound(stretch),
      number(value),
      `${number(min)}–${number(max)}`,
      verdict,
    ];
  });
  return toGrid(["goal", "unit", "must", "stretch", "measured", "range", ""], cells);
}

/** What each server adds to the time until the provider itself would have begun to answer. */
function toFirst(results) {
  const rows = results.flatMap(({ title, rows: targets }) => {
    const [direct, ...others] = targets;
    if (direct?.name !== "direct") return [];
    return others.map(({ name, rounds }, index) => {
      const added = rounds.map(({ firstMs }, round) => firstMs - direct.rounds[round].firstMs);
      return [index === 0 ? title : "", name, number(median(added.sort((a, b) => a - b)))];
    });
  });
  return toGrid(["", "", "added ms"], rows);
}

/** Processor time depends less than rates on what else a machine does. */
function toCosts(results) {
  const rows = results.flatMap(({ title, rows: targets }) => {
    const costs = targets
      .filter(({ rounds }) => rounds[0]?.cpuUs !== undefined)
      .map(({ name, rounds }) => [name, median(rounds.map(({ cpuUs }) => cpuUs).sort((a, b) => a - b))]);
    const [first] = costs;
    return costs.map(([name, cost], index) => [
      index === 0 ? title : "",
      name,
      number(cost),
      index === 0 ? "" : number(cost / first[1]),
    ]);
  });
  return toGrid(["", "", "µs per request", "times the first"], rows);
}

const toRows = (rows) =>
  toGrid(
    ["", "ms", "CPU ms", "resident MB", "private MB"],
    rows.map(({ name, ms, cpuMs, rss, anon }) => [name, ms, cpuMs, rss, anon].map((cell) => number(cell))),
  );

const toSoak = ({ date, minutes, counts, fromMb, toMb, peakMb, flat }) =>
  `${date}: ${minutes} minutes, ${counts.answered} answers, ${counts.left} clients that left in the middle, ${counts.refused} refused requests, ${counts.wrong} wrong answers. ` +
  `Left after a collection: ${fromMb} MB after the warm-up, ${toMb} MB at the end, with ${peakMb} MB resident at most at those moments: ${flat ? "flat" : "**not flat**"}.`;

function toGrid(heads, rows) {
  const row = (cells) => `| ${cells.join(" | ")} |`;
  return [row(heads), row(heads.map((_, at) => (at === 0 ? "---" : "--:"))), ...rows.map(row)].join("\n");
}
