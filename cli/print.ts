import type { CommonArgs, Invocation } from "./command.ts";
import { printable } from "./printable.ts";

/** Data on stdout: as JSON where asked for, else the lines. */
export function print(args: CommonArgs, { io }: Invocation, data: unknown, lines: string | string[]): void {
  const text = args.json ? JSON.stringify(data, undefined, 2) : [lines].flat().join("\n");
  if (text !== "") io.stdout(`${text}\n`);
}

/** Rows as columns; the last one is not filled up. */
export function toTable(header: string[], rows: string[][]): string[] {
  const all = [header, ...rows.map((row) => row.map(printable))];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
