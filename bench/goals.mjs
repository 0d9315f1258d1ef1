/**
 * What the figures are held against: `of` over `against` in one scenario's metric, the median of the rounds' ratios.
 * For times `against` is taken off instead: what is added, in milliseconds.
 */
export const goals = [
  more("pass-small", "Pass-through, requests per second", "rps", "pipe", 1, 1.4),
  more("pass-agent", "Pass-through of 113 KB, requests per second", "rps", "pipe", 0.6, 0.9),
  more("convert-small", "Converting, requests per second", "rps", "pipe", 0.8, 1.1),
  more("convert-agent", "Converting 113 KB, requests per second", "rps", "pipe", 0.28, 0.35),
  more("convert-burst", "Converting a 200-token burst, tokens per second", "rps", "pipe", 0.28, 0.45),
  less("convert-paced", "Converting paced tokens, CPU per token", "cpuUs", "pipe", 1.4, 1.15),
  added("first-small", "Added time to the first token, small", 1, 0.6),
  added("first-agent", "Added time to the first token, 113 KB", 3, 1.8),
  compat("compat-small", "Compat mode over converting, three tools"),
  compat("compat-agent", "Compat mode over converting, 30 tools, 113 KB"),
  compat("compat-burst", "Compat mode over converting, 200-token burst"),
  more("pass-small", "Requests per second over Portkey", "rps", "portkey", 12, 20),
  more("convert-small", "Requests per second over claude-code-router 1", "rps", "ccr-1", 10, 15),
  more("convert-small", "Requests per second over claude-code-router 2", "rps", "ccr-2", 10, 15),
  more("convert-agent", "Requests per second, 113 KB, over claude-code-router 1", "rps", "ccr-1", 25, 40),
  more("pass-burst", "Tokens per second over Portkey", "rps", "portkey", 6, 10),
  more("convert-burst", "Tokens per second over claude-code-router 1", "rps", "ccr-1", 5, 9),
  more("convert-burst", "Tokens per second over claude-code-router 2", "rps", "ccr-2", 5, 9),
];

function more(scenario, title, metric, against, must, stretch) {
  return { scenario, title, of: "ccproxy", against, metric, unit: "×", must, stretch, better: "more" };
}

function less(scenario, title, metric, against, must, stretch) {
  return { ...more(scenario, title, metric, against, must, stretch), better: "less" };
}

function added(scenario, title, must, stretch) {
  return { ...less(scenario, title, "firstMs", "direct", must, stretch), unit: "ms" };
}

function compat(scenario, title) {
  return { ...more(scenario, title, "rps", "ccproxy", 0.7), of: "ccproxy compat" };
}

/** The goal's figure in these results: the median and its range; undefined where a side of it was not measured. */
export function judge(goal, results) {
  const rows = results.find(({ id }) => id === goal.scenario)?.rows;
  const of = rows?.find(({ name }) => name === goal.of)?.rounds;
  const against = rows?.find(({ name }) => name === goal.against)?.rounds;
  if (!of || !against) return undefined;
  const pairs = of.map((round, index) => toFigure(goal, round[goal.metric], against[index][goal.metric]));
  const figures = pairs.filter(Number.isFinite).sort((a, b) => a - b);
  if (figures.length === 0) return undefined;
  const value = median(figures);
  return { ...rate(goal, value), value, min: figures[0], max: figures.at(-1) };
}

export function rate({ better, must, stretch }, value) {
  const reaches = (bound) => bound !== undefined && (better === "more" ? value >= bound : value <= bound);
  return { met: reaches(must), stretched: reaches(stretch) };
}

const toFigure = ({ unit }, of, against) => (unit === "ms" ? of - against : of / against);

/** Of sorted values. */
export function median(sorted) {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
