const WHOLE = { count: 200, mode: "burst", batch: 10, delayMs: 0, firstMs: 0 };
const BURST = WHOLE;
const PACED = { count: 50, mode: "paced", batch: 1, delayMs: 5, firstMs: 0 };
const FIRST = { count: 20, mode: "burst", batch: 4, delayMs: 0, firstMs: 10 };

const openai = { client: "openai", provider: "openai" };
const convert = { client: "claude", provider: "openai" };

/**
 * What is measured. The pipe gets the same question in the provider's protocol; `variants` are further ways to ask the
 * daemon, which need no other server. `askWhole`: the daemon's provider is set to be asked for a whole answer where the
 * client wants one, as the pipe and the other gateways ask; it would be asked for a stream.
 */
export const scenarios = [
  {
    id: "pass-small",
    title: "pass-through, small",
    ask: { ...openai, kind: "small" },
    answers: WHOLE,
    connections: 64,
  },
  {
    id: "pass-agent",
    title: "pass-through, 113 KB",
    ask: { ...openai, kind: "agent" },
    answers: WHOLE,
    connections: 16,
  },
  {
    id: "pass-burst",
    title: "pass-through, 200-token burst",
    ask: { ...openai, kind: "small", stream: true },
    answers: BURST,
    connections: 16,
  },
  {
    id: "convert-small",
    title: "converting, small",
    ask: { ...convert, kind: "small", askWhole: true },
    answers: WHOLE,
    connections: 64,
  },
  {
    id: "fold-small",
    title: "converting a stream into a whole answer, small",
    ask: { ...convert, kind: "small" },
    answers: WHOLE,
    connections: 64,
    only: ["pipe", "ccproxy"],
  },
  {
    id: "convert-agent",
    title: "converting, 113 KB",
    ask: { ...convert, kind: "agent", askWhole: true },
    answers: WHOLE,
    connections: 16,
  },
  {
    id: "convert-burst",
    title: "converting, 200-token burst",
    ask: { ...convert, kind: "small", stream: true },
    answers: BURST,
    connections: 16,
  },
  {
    id: "convert-paced",
    title: "converting, a token every 5 ms",
    ask: { ...convert, kind: "small", stream: true },
    answers: PACED,
    connections: 64,
    longer: 2,
    only: ["pipe", "ccproxy"],
  },
  compat("compat-small", "three tools, small", { kind: "tools" }, WHOLE, 64),
  compat("compat-agent", "30 tools, 113 KB", { kind: "agent" }, WHOLE, 16),
  compat("compat-burst", "three tools, 200-token burst", { kind: "tools", stream: true }, BURST, 16),
  {
    id: "first-small",
    title: "first token, small",
    ask: { ...convert, kind: "small", stream: true },
    answers: FIRST,
    connections: 64,
    first: "row",
  },
  {
    id: "first-agent",
    title: "first token, 113 KB",
    ask: { ...convert, kind: "agent", stream: true },
    answers: FIRST,
    connections: 16,
    first: "row",
  },
  {
    id: "first-between",
    title: "first token, small, between requests to all the others",
    ask: { ...convert, kind: "small", stream: true },
    answers: FIRST,
    connections: 64,
    first: "turns",
  },
];

/** Compat mode against the same request without it, in the same daemon. */
function compat(id, title, ask, answers, connections) {
  return {
    id,
    title: `compat mode, ${title}`,
    ask: { ...convert, ...ask },
    answers,
    connections,
    only: ["ccproxy"],
    variants: [{ name: "ccproxy compat", ask: { ...convert, ...ask, compat: true } }],
  };
}
