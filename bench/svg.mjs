const WIDTH = 800;
const LABELS = 370;
const ROW = 26;
const INK = "#444";
const COLOURS = { stretched: "#2a7f4f", met: "#5b8fc7", missed: "#c4693d" };

/**
 * One bar per goal: its median, the range of the rounds as a thin line, must and stretch as marks. Each bar has a scale
 * of its own, so that figures of different units stand side by side. The same input gives the same bytes.
 */
export function barChart(title, goals) {
  const rows = goals.map((goal, index) => toRow(goal, 44 + index * ROW));
  const height = 44 + goals.length * ROW + 34;
  const legend = [
    rect(LABELS, height - 24, 10, 10, COLOURS.stretched),
    text(LABELS + 15, height - 15, "stretch goal met"),
    rect(LABELS + 125, height - 24, 10, 10, COLOURS.met),
    text(LABELS + 140, height - 15, "must met"),
    rect(LABELS + 210, height - 24, 10, 10, COLOURS.missed),
    text(LABELS + 225, height - 15, "missed"),
    line(LABELS + 290, height - 26, LABELS + 290, height - 12, INK, 2),
    text(LABELS + 297, height - 15, "must"),
    line(LABELS + 345, height - 26, LABELS + 345, height - 12, "#999", 2, "2 2"),
    text(LABELS + 352, height - 15, "stretch"),
  ];
  return frame(height, title, [...rows.flat(), ...legend]);
}

function toRow({ title, value, min = value, max = value, must, stretch, unit, met, stretched }, y) {
  const room = WIDTH - LABELS - 90;
  const most = Math.max(value, max, must ?? 0, stretch ?? 0) || 1;
  const at = (figure) => LABELS + (Math.max(0, figure) / most) * room;
  const colour = stretched ? COLOURS.stretched : met ? COLOURS.met : COLOURS.missed;
  return [
    text(LABELS - 8, y + 13, title, "end"),
    rect(LABELS, y + 3, at(value) - LABELS, 14, colour),
    line(at(min), y + 10, at(max), y + 10, INK, 1),
    ...(must === undefined ? [] : [line(at(must), y, at(must), y + 20, INK, 2)]),
    ...(stretch === undefined ? [] : [line(at(stretch), y, at(stretch), y + 20, "#999", 2, "2 2")]),
    text(WIDTH - 80, y + 14, `${figure(value)} ${unit}`),
  ];
}

/** Lines over minutes. */
export function lineChart(title, series) {
  const [left, top, right, bottom] = [60, 44, WIDTH - 90, 300];
  const all = series.flatMap(({ points }) => points);
  const mostX = Math.max(...all.map(([x]) => x));
  const mostY = Math.max(...all.map(([, y]) => y)) * 1.1;
  const atX = (x) => left + (x / mostX) * (right - left);
  const atY = (y) => bottom - (y / mostY) * (bottom - top);
  const colours = [COLOURS.met, COLOURS.stretched];
  const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    line(left, atY(share * mostY), right, atY(share * mostY), "#ddd", 1),
    text(left - 8, atY(share * mostY) + 4, figure(share * mostY), "end"),
    text(atX(share * mostX), bottom + 18, `${figure(share * mostX)} min`, "middle"),
  ]);
  const drawn = series.flatMap(({ name, points }, index) => [
    `<polyline fill="none" stroke="${colours[index]}" stroke-width="2" points="${points.map(([x, y]) => `${px(atX(x))},${px(atY(y))}`).join(" ")}"/>`,
    text(right + 8, atY(points.at(-1)[1]) + 4, name),
  ]);
  return frame(bottom + 34, title, [...ticks, ...drawn]);
}

function frame(height, title, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="12" y="26" font-size="15" fill="#222">${escape(title)}</text>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

const px = (value) => String(Math.round(value * 10) / 10);
const figure = (value) => value.toFixed(value >= 100 || value === 0 ? 0 : value >= 10 ? 1 : 2);
const escape = (value) => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const rect = (x, y, width, height, fill) =>
  `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" fill="${fill}"/>`;
const line = (x1, y1, x2, y2, stroke, width, dash) =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${stroke}" stroke-width="${width}"${dash ? ` stroke-dasharray="${dash}"` : ""}/>`;
const text = (x, y, words, anchor = "start") =>
  `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}" fill="${INK}">${escape(words)}</text>`;
