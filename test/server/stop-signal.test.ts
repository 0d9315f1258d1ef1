import { describe, expect, it } from "vitest";
import { createStopper, toAbortSignal } from "../../server/stop-signal.ts";

describe("createStopper", () => {
  it("tells each listener once, with the first reason", () => {
    const { signal, abort } = createStopper();
    const heard: string[] = [];
    const late = (): void => void heard.push("taken back");
    signal.addEventListener("abort", () => heard.push(`one: ${String(signal.reason)}`));
    signal.addEventListener("abort", late);
    signal.addEventListener("abort", () => heard.push("two"));
    signal.removeEventListener("abort", late);
    expect(signal).toMatchObject({ aborted: false, reason: undefined });
    abort("gone");
    abort("again");
    expect(heard).toEqual(["one: gone", "two"]);
    expect(signal).toMatchObject({ aborted: true, reason: "gone" });
  });
});

describe("toAbortSignal", () => {
  it("aborts when the other does, now or later, with its reason", () => {
    const { signal, abort } = createStopper();
    const before = toAbortSignal(signal);
    expect(before.aborted).toBe(false);
    abort("gone");
    expect(before).toMatchObject({ aborted: true, reason: "gone" });
    expect(toAbortSignal(signal)).toMatchObject({ aborted: true, reason: "gone" });
  });

  it("leaves a real one as it is", () => {
    const { signal } = new AbortController();
    expect(toAbortSignal(signal)).toBe(signal);
  });
});
