const OPENAI_STREAM = ["test/adapters/openai/text-chunk.test.ts"];

/** What keeps fast paths to what the plain ones do. */
export const SPEED = [
  [
    "tools that only look known",
    "server/known-tools.ts",
    "body.tools !== mark",
    "false",
    ["test/server/known-tools.test.ts"],
  ],
  [
    "a key that comes twice",
    "server/patch-json.ts",
    "if (found !== -1) return -1;",
    "",
    ["test/server/patch-json.test.ts"],
  ],
  [
    "a key in another spelling",
    "server/patch-json.ts",
    'at !== -1 && !text.includes("\\\\u")',
    "at !== -1",
    ["test/server/patch-json.test.ts"],
  ],
  [
    "a model named elsewhere in a line",
    "server/model-patcher.ts",
    "keys.some((key) => others.includes(key.slice(1)))",
    "false",
    ["test/server/model-patcher.test.ts"],
  ],
  [
    "a name that is the one wanted already",
    "server/model-patcher.ts",
    " && name !== model",
    "",
    ["test/server/model-patcher.test.ts"],
  ],
  [
    "a body is changed once",
    "server/passthrough.ts",
    "delete work.received;",
    "",
    ["test/server/large-bodies.test.ts"],
  ],
  [
    "what is told apart stays apart",
    "adapters/fold.ts",
    'event.type === "text-delta" && !event.apart',
    'event.type === "text-delta"',
    ["test/adapters/fold.test.ts"],
  ],
  ["other answers beside the first", "adapters/openai/text-chunk.ts", "index === 0 && ", "", OPENAI_STREAM],
  [
    "answers that hold more than text",
    "adapters/openai/read-plain.ts",
    "!holdsOnly(message, MESSAGE) || ",
    "",
    ["test/adapters/skim.test.ts"],
  ],
  [
    "a signal told twice",
    "server/stop-signal.ts",
    "if (signal.aborted) return;",
    "",
    ["test/server/stop-signal.test.ts"],
  ],
  [
    "entries that wait are seen",
    "server/status.ts",
    "deps.flushLog();",
    "",
    ["test/cli/everyday.test.ts", "test/cli/daemon.test.ts", "test/cli"],
  ],
];
