// Draws docs/performance/*.svg and writes the tables of docs/performance.md from bench/results/*.json:
//   npm run bench -- --json bench/results/full.json && node bench/plot.mjs
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { barChart, lineChart } from "./svg.mjs";
import { toMarkdown } from "./to-markdown.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (name) => {
  const file = `${root}bench/results/${name}.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
};
const full = read("full");
const growth = read("growth");
const soak = read("soak");
const goals = [...(full?.goals ?? []), ...(growth?.goals ?? [])];
mkdirSync(`${root}docs/performance`, { recursive: true });
const draw = (name, svg) => writeFileSync(`${root}docs/performance/${name}.svg`, svg);

const isPeer = ({ against }) => against !== undefined && !["pipe", "direct", "ccproxy"].includes(against);
if (full) {
  draw(
    "ratios",
    barChart(
      "Against the raw node:http pipe and the goals",
      full.goals.filter((goal) => goal.unit === "×" && goal.scenario && !isPeer(goal)),
    ),
  );
  draw(
    "first-token",
    barChart(
      "Added time to the first token, ms",
      full.goals.filter(({ unit, scenario }) => unit === "ms" && scenario),
    ),
  );
  const peers = full.goals.filter(isPeer);
  if (peers.length > 0) draw("peers", barChart("Times as fast as other gateways", peers));
  draw(
    "start",
    barChart(
      "Start and size",
      full.goals.filter(({ scenario }) => !scenario),
    ),
  );
}
if (growth) draw("growth", barChart("Cost when things grow", growth.goals));
if (soak)
  draw(
    "soak",
    lineChart(`Memory over ${soak.minutes} minutes of mixed load, MB`, [
      { name: "resident", points: soak.samples.map(({ minute, rss }) => [minute, rss]) },
      { name: "in use", points: soak.samples.map(({ minute, heap }) => [minute, heap]) },
    ]),
  );

const file = `${root}docs/performance.md`;
const page = readFileSync(file, "utf8");
writeFileSync(file, toMarkdown(page, { full, growth, soak, goals }));
