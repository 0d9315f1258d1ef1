import { goals, judge, median } from "./goals.mjs";

/** The tables of a run, as text. */
export function report({ results, start, growth }) {
  const lines = [];
  for (const { title, tokens, rows } of results ?? []) {
    lines.push("", title, ...table(rows.map((row) => toCells(row, rows, tokens))));
  }
  if (start) lines.push("", "start, medians: milliseconds and megabytes", ...table(start.rows));
  const judged = toGoals({ results, start, growth });
  if (judged.length > 0) {
    lines.push("", "Goals", ...table(judged.map(goalCells)));
  }
  return `${lines.join("\n")}\n`;
}

/** Every goal with what was measured. */
export function toGoals({ results = [], start, growth }) {
  const measured = goals.map((goal) => ({ ...goal, ...judge(goal, results) }));
  return [...measured, ...(start?.goals ?? []), ...(growth?.goals ?? [])].filter(
    ({ value }) => value !== undefined,
  );
}

function toCells({ name, rounds }, rows, tokens) {
  const middle = (metric) => median(rounds.map((round) => round[metric]).sort((a, b) => a - b));
  const base = rows[0].rounds;
  const ratio = (metric) =>
    median(rounds.map((round, index) => round[metric] / base[index][metric]).sort((a, b) => a - b));
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  const first = rounds[0].firstMs !== undefined;
  return {
    target: name,
    ...(first
      ? {
          "first ms": middle("firstMs"),
          "added ms": middle("firstMs") - median(base.map((round) => round.firstMs).sort((a, b) => a - b)),
        }
      : {
          "req/s": middle("rps"),
          [`/${rows[0].name}`]: ratio("rps"),
          "tokens/s": middle("rps") * tokens,
          "p50 ms": middle("p50"),
          "p99 ms": middle("p99"),
          "CPU µs": middle("cpuUs"),
          "CPU×": ratio("cpuUs"),
          "CPU %": middle("cpuShare") * 100,
        }),
    failed,
  };
}

function goalCells({ title, better, unit, must, stretch, value, min, max, met, stretched }) {
  const sign = better === "more" ? "≥" : "≤";
  const bound = (limit) => (limit === undefined ? "" : `${sign} ${limit} ${unit}`);
  return {
    goal: title,
    must: bound(must),
    stretch: bound(stretch),
    measured: `${number(value)} ${unit}`,
    range: min === undefined ? "" : `${number(min)}–${number(max)}`,
    verdict: stretched ? "stretch" : met ? "met" : "MISSED",
  };
}

/** Rows of named cells as columns: words to the left, figures to the right. */
export function table(rows) {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => names.map((name) => number(row[name])))];
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  return cells.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join("  ")
      .trimEnd(),
  );
}

export function number(value) {
  if (typeof value !== "number") return value ?? "";
  if (!Number.isFinite(value)) return "-";
  return value.toFixed(Math.abs(value) >= 100 || value === 0 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}
