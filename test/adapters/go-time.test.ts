import { afterEach, describe, expect, it } from "vitest";
import { parseGoDuration, toGoTime, toLocalGoTime } from "../../adapters/go-time.ts";

describe("parseGoDuration", () => {
  it.each([
    ["0", 0],
    ["300ms", 0.3],
    ["5m", 300],
    ["1h30m", 5400],
    ["24h", 86_400],
    ["-1s", -1],
    ["+1.5s", 1.5],
    [".5s", 0.5],
  ])("%s is %d s", (text, seconds) => {
    expect(parseGoDuration(text)).toBeCloseTo(seconds, 9);
  });

  it.each([
    ["", 'time: invalid duration ""'],
    ["300", 'time: missing unit in duration "300"'],
    ["1d", 'time: unknown unit "d" in duration "1d"'],
    ["forever", 'time: invalid duration "forever"'],
    ["-", 'time: invalid duration "-"'],
  ])("refuses %o", (text, message) => {
    expect(() => parseGoDuration(text)).toThrow(message);
  });
});

describe("toGoTime", () => {
  it("leaves trailing zeros of the fraction out", () => {
    expect(toGoTime(0)).toBe("1970-01-01T00:00:00Z");
    expect(toGoTime(120)).toBe("1970-01-01T00:00:00.12Z");
    expect(toGoTime(123)).toBe("1970-01-01T00:00:00.123Z");
  });
});

describe("toLocalGoTime", () => {
  const zone = process.env.TZ;
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it.each([
    ["UTC", "2026-07-01T00:00:00.5Z"],
    ["Europe/Berlin", "2026-07-01T02:00:00.5+02:00"],
    ["America/St_Johns", "2026-06-30T21:30:00.5-02:30"],
    ["Asia/Kolkata", "2026-07-01T05:30:00.5+05:30"],
  ])("gives the offset of %s", (name, text) => {
    process.env.TZ = name;
    expect(toLocalGoTime(Date.UTC(2026, 6, 1, 0, 0, 0, 500))).toBe(text);
    expect(Date.parse(text)).toBe(Date.UTC(2026, 6, 1, 0, 0, 0, 500));
  });
});
