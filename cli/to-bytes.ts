/** A size for people, as Ollama writes it: powers of ten, two digits. */
export function toBytes(size: number): string {
  const unit = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, size)) / 3)));
  const value = size / 1000 ** unit;
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit] ?? ""}`;
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];
