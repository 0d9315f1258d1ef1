import { defineConfig } from "vitest/config";

// Tests of pure code share one module graph: nothing of theirs outlives a test, and loading it once saves a third.
const pure = ["test/{adapters,compat,routing}/**/*.test.ts"];

export default defineConfig({
  test: {
    environment: "node",
    restoreMocks: true,
    testTimeout: 20_000,
    maxWorkers: "100%",
    projects: [
      { extends: true, test: { name: "pure", include: pure, isolate: false } },
      { extends: true, test: { name: "daemon", include: ["test/**/*.test.ts"], exclude: pure } },
    ],
  },
});
