import { expect, it } from "vitest";
import { readConfig } from "../../storage/read-config.ts";

const read = (limits: unknown, server: object = {}) =>
  readConfig(
    JSON.stringify({
      server,
      providers: { p: { protocol: "openai", baseUrl: "http://127.0.0.1:1", limits } },
      keys: { k_1: { name: "laptop", hash: "0".repeat(64), limits } },
    }),
  );

it("limits of client keys and provider keys are positive whole numbers", async () => {
  const fine = await read({
    requestsPerMinute: 60,
    tokensPerMinute: 1,
    tokensPerDay: 2_000_000,
    concurrent: 4,
  });
  expect(fine.problems).toEqual([]);
  expect(fine.warnings).toEqual([]);
  expect(fine.config?.keys["k_1"]?.limits).toMatchObject({ concurrent: 4 });
  for (const wrong of [0, -1, 1.5, "60", null]) {
    const { problems } = await read({ requestsPerMinute: wrong });
    expect(problems.map(({ pointer }) => pointer).sort()).toEqual([
      "/keys/k_1/limits/requestsPerMinute",
      "/providers/p/limits/requestsPerMinute",
    ]);
  }
});

it("how many requests run at once and what the log holds is checked", async () => {
  const fine = await read({}, { maxConcurrent: 1, logBodies: "on", logBodyBytes: 1 });
  expect([fine.problems, fine.warnings]).toEqual([[], []]);
  const { problems } = await read({}, { maxConcurrent: 0, logBodies: "some", logBodyBytes: 0 });
  expect(problems.map(({ pointer }) => pointer).sort()).toEqual([
    "/server/logBodies",
    "/server/logBodyBytes",
    "/server/maxConcurrent",
  ]);
});

it("a misspelt limit is told", async () => {
  const { warnings } = await read({ requestPerMinute: 5 });
  expect(warnings.map(({ pointer }) => pointer)).toContain("/keys/k_1/limits/requestPerMinute");
});
