const WORKERS = "test/server/workers/workers.test.ts";
const FAR = "test/server/workers/far-allowances.test.ts";
const HEALTH = "test/routing/health.test.ts";
const RESPONSES = "test/faults/openai-responses.test.ts";

/** Several processes with one truth, and Responses streams that break. */
export const PROCESSES = [
  [
    "a broken event of a Responses provider is an error",
    "adapters/openai-responses/parse-stream.ts",
    'if (event === undefined) return answer.take("error", BROKEN);',
    "",
    [RESPONSES],
    "openai-responses provider.*f22-late",
  ],
  [
    "a Responses stream cut short fails as the one that began",
    "server/passthrough.ts",
    "answer.fail(error, { last, ...(id !== undefined && { id }) });",
    "answer.fail(error);",
    [RESPONSES],
    "openai-responses provider.*f21",
  ],
  [
    "a rest told by another process makes none shorter",
    "routing/health.ts",
    "Math.max(mine?.until ?? 0, told);",
    "told;",
    [HEALTH],
    "several processes",
  ],
  [
    "who is tried by another process is not tried too",
    "routing/health.ts",
    "    tried,\n    ...(until !== undefined && { until }),",
    "    tried: false,\n    ...(until !== undefined && { until }),",
    [HEALTH],
    "several processes",
  ],
  [
    "what one process sees, the others are told",
    "server/workers/start-workers.ts",
    "tellAll(seen, worker);",
    "void seen;",
    [WORKERS],
    "refused|lacks",
  ],
  [
    "rights are counted by one process",
    "server/workers/run-worker.ts",
    "allowances: createFarAllowances(channel),",
    "",
    [WORKERS],
    "client key may",
  ],
  [
    "a process that dies gives back what it held",
    "server/workers/serve-allowances.ts",
    "for (const lease of leases.values()) lease.end();",
    "",
    [FAR],
    "dies",
  ],
  [
    "whoever waits for room is told by another process",
    "server/workers/far-allowances.ts",
    "for (const listener of listeners) listener();",
    "",
    [FAR],
    "gave back",
  ],
  [
    "all processes are asked first when it is asked how things stand",
    "server/workers/start-workers.ts",
    'async (question) => {\n      await everybody("sync");',
    "async (question) => {",
    [WORKERS],
    "count as one",
  ],
  [
    "a process that dies is replaced",
    "server/workers/pool.ts",
    "if (closing) return;",
    "return;",
    [WORKERS],
    "one that dies",
  ],
];
