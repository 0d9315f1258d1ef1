import { expect, it } from "vitest";
import { perModel } from "../../adapters/per-model.ts";

it("reads once for a provider and a model, and never keeps more models than a provider has", () => {
  const read: string[] = [];
  const of = perModel((options, model) => {
    read.push(model);
    return { id: options?.provider?.id, model };
  });
  const [a, b] = [{ provider: { id: "a", baseUrl: "" } }, { provider: { id: "b", baseUrl: "" } }];
  expect(of(a, "m")).toBe(of(a, "m"));
  expect(of(b, "m")).toEqual({ id: "b", model: "m" });
  expect(of(a, "n")).toEqual({ id: "a", model: "n" });
  expect(read).toEqual(["m", "m", "n"]);
  for (let index = 0; index < 1000; index++) of(a, `made-up-${index}`);
  expect(of(a, "m")).toEqual({ id: "a", model: "m" });
  // Nobody to remember it for.
  expect(of(undefined, "m")).not.toBe(of(undefined, "m"));
});
