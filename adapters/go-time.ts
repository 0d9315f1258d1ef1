import { goQuote, refuse } from "./go-json.ts";

/** RFC 3339 in UTC as Go writes it: trailing zeros of the fraction are left out. */
export function toGoTime(milliseconds: number): string {
  // Every line of a stream has its time, and many are of the same millisecond.
  if (milliseconds !== last.milliseconds) last = { milliseconds, text: writeTime(milliseconds) };
  return last.text;
}

let last = { milliseconds: Number.NaN, text: "" };

function writeTime(milliseconds: number): string {
  const iso = new Date(milliseconds).toISOString();
  const dot = iso.indexOf(".");
  const fraction = iso.slice(dot + 1, -1).replace(/0+$/, "");
  return `${iso.slice(0, dot)}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** The same with the offset of this machine's own time zone, `Z` where that is none. */
export function toLocalGoTime(milliseconds: number): string {
  const minutes = -Math.round(new Date(milliseconds).getTimezoneOffset());
  const shifted = toGoTime(milliseconds + minutes * 60_000);
  if (minutes === 0) return shifted;
  const away = Math.abs(minutes);
  const [hours, rest] = [Math.trunc(away / 60), away % 60].map((part) => String(part).padStart(2, "0"));
  return `${shifted.slice(0, -1)}${minutes < 0 ? "-" : "+"}${hours}:${rest}`;
}

/** Go's `time.ParseDuration` ("300ms", "1h30m", "-1s", "0"), in seconds, with its error texts. */
export function parseGoDuration(text: string): number {
  const invalid = () => refuse(`time: invalid duration ${goQuote(text)}`);
  const sign = text.startsWith("-") ? -1 : 1;
  let rest = /^[-+]/.test(text) ? text.slice(1) : text;
  if (rest === "0") return 0;
  if (rest === "") throw invalid();
  let seconds = 0;
  while (rest !== "") {
    const number = /^(?:\d+(?:\.\d*)?|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) throw invalid();
    rest = rest.slice(number.length);
    const unit = /^[^.\d]+/.exec(rest)?.[0];
    if (unit === undefined) throw refuse(`time: missing unit in duration ${goQuote(text)}`);
    const factor = UNITS.get(unit);
    if (factor === undefined) {
      throw refuse(`time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`);
    }
    seconds += Number(number) * factor;
    rest = rest.slice(unit.length);
  }
  return sign * seconds;
}

const UNITS = new Map([
  ["ns", 1e-9],
  ["us", 1e-6],
  ["µs", 1e-6],
  ["μs", 1e-6],
  ["ms", 1e-3],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
]);
