// Loaded into the daemon by the soak: at SIGUSR2 it collects what can be collected and says what is left.
const { writeFileSync } = require("node:fs");

process.on("SIGUSR2", () => {
  for (let turn = 0; turn < 3; turn++) globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  writeFileSync(process.env.CCPROXY_SOAK_HEAP, JSON.stringify({ rss, heap: heapUsed + external }));
});
