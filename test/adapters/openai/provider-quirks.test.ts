import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { buildRequest } from "../../../adapters/openai/build-request.ts";
import { findProvider } from "../../../adapters/openai/find-quirks.ts";
import { PROVIDERS } from "../../../adapters/openai/provider-quirks.ts";
import { MODELS } from "../../../adapters/openai/providers/models.ts";
import { readQuirks } from "../../../adapters/openai/read-quirks.ts";
import type { Message, Tool, UnifiedRequest } from "../../../adapters/unified.ts";

const user: Message = { role: "user", content: [{ type: "text", text: "hi" }] };
const look: Tool = { name: "look", parameters: { type: "object", properties: {} } };
const find: Tool = { name: "find", parameters: { type: "object", properties: {} } };
const schema = { type: "object", properties: { a: { type: "string" } } };
/** Thoughts of the last turn, a call without any, its result. */
const history: Message[] = [
  user,
  {
    role: "assistant",
    content: [
      { type: "thinking", text: "hm" },
      { type: "text", text: "a" },
    ],
  },
  user,
  { role: "assistant", content: [{ type: "tool-call", id: "call_1", name: "look", args: "{}" }] },
  { role: "tool", content: [{ type: "tool-result", id: "call_1", name: "look", content: [] }] },
];

/** An answer whose thoughts are hidden, each in another maker's format. */
const hidden = (...formats: string[]): Message[] => [
  {
    role: "assistant",
    content: [
      ...formats.map((format, index) => ({
        type: "thinking" as const,
        text: "",
        redacted: true,
        signature: {
          origin: "openai",
          value: JSON.stringify({ type: "reasoning.encrypted", data: `x${index}`, format, index }),
        },
      })),
      { type: "text", text: "a" },
    ],
  },
];

const URLS: Record<string, string> = {
  OpenAI: "https://api.openai.com/v1",
  DeepSeek: "https://api.deepseek.com",
  "Qwen (DashScope, ModelScope)": "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
  "Moonshot Kimi": "https://api.moonshot.ai/v1",
  "Z.ai GLM": "https://api.z.ai/api/paas/v4",
  MiniMax: "https://api.minimax.io/v1",
  Mistral: "https://api.mistral.ai/v1",
  Groq: "https://api.groq.com/openai/v1",
  Cerebras: "https://api.cerebras.ai/v1",
  xAI: "https://api.x.ai/v1",
  OpenRouter: "https://openrouter.ai/api/v1",
  "NVIDIA NIM": "https://integrate.api.nvidia.com/v1",
  Together: "https://api.together.xyz/v1",
  "vLLM, SGLang": "",
  "llama.cpp": "",
  "LM Studio": "http://localhost:1234/v1",
};
/** Local servers have no host of their own: they are known by the id. */
const IDS: Record<string, string> = { "vLLM, SGLang": "vllm", "llama.cpp": "llama.cpp" };
const known = (name: string) => ({
  id: IDS[name] ?? "mine",
  baseUrl: URLS[name] || "http://10.0.0.7:8000/v1",
});

const build = (row: string, model: string, fields: Partial<UnifiedRequest>) =>
  buildRequest(
    { model, messages: [user], stream: true, ...fields },
    row === "" ? {} : { provider: known(row) },
  );

type Case = [
  row: string,
  variant: string,
  model: string,
  asked: Partial<UnifiedRequest>,
  /** Fields of the body; undefined: not there. */
  wire: Record<string, unknown>,
  dropped?: string[],
];

const on = { thinking: { mode: "on" } } as const;
const off = { thinking: { mode: "off" } } as const;
const effort = (word: "minimal" | "low" | "medium" | "high" | "xhigh" | "max") =>
  ({ thinking: { mode: "on", effort: word } }) as const;
const forced: Partial<UnifiedRequest> = { tools: [look, find], toolChoice: "required" };
const named = { tools: [look, find], toolChoice: { name: "find" } };
const json = { output: { type: "json" } } as const;
const jsonSchema = { output: { type: "json-schema", schema, name: "n" } } as const;
const penalties = { sampling: { presencePenalty: 0.5, frequencyPenalty: 0.5, stop: ["x"] } };

const CASES: Case[] = [
  [
    "OpenAI",
    "",
    "gpt-4o",
    { sampling: { maxTokens: 9, temperature: 0.5 } },
    { max_tokens: 9, temperature: 0.5 },
  ],
  [
    "OpenAI",
    "gpt-5 and newer",
    "gpt-5",
    { tools: [{ ...look, kind: "custom" }] },
    { tools: [{ type: "custom", custom: { name: "look" } }] },
  ],
  ...["o3", "o1", "gpt-5.4-mini", "gpt-6-sol"].map((model): Case => [
    "OpenAI",
    "o-series, gpt-5 and newer",
    model,
    { system: [{ type: "text", text: "Be brief." }] },
    {
      messages: [
        { role: "developer", content: "Be brief." },
        { role: "user", content: "hi" },
      ],
    },
  ]),
  ...["o1-mini", "gpt-4o", "gpt-5-chat-latest"].map((model): Case => [
    "OpenAI",
    "",
    model,
    { system: [{ type: "text", text: "Be brief." }] },
    {
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "hi" },
      ],
    },
  ]),
  ["DeepSeek", "", "deepseek-v4-pro", on, { thinking: { type: "enabled" }, reasoning_effort: undefined }],
  ["DeepSeek", "", "deepseek-v4-pro", off, { thinking: { type: "disabled" }, reasoning_effort: undefined }],
  [
    "DeepSeek",
    "",
    "deepseek-v4-pro",
    effort("medium"),
    { thinking: { type: "enabled" }, reasoning_effort: "medium" },
  ],
  ["DeepSeek", "", "deepseek-v4-pro", effort("max"), { reasoning_effort: "max" }],
  [
    "DeepSeek",
    "",
    "deepseek-v4-pro",
    { ...forced, ...on },
    { thinking: { type: "disabled" }, tool_choice: "required" },
    ["thinking"],
  ],
  [
    "DeepSeek",
    "",
    "deepseek-v4-pro",
    jsonSchema,
    {
      response_format: { type: "json_object" },
      messages: [
        {
          role: "system",
          content: `Answer with one JSON object and nothing else. It must match this JSON Schema: ${JSON.stringify(schema)}`,
        },
        { role: "user", content: "hi" },
      ],
    },
    ["response_format.json_schema"],
  ],
  [
    "Qwen (DashScope, ModelScope)",
    "",
    "qwen3.8-max",
    { thinking: { mode: "on", budgetTokens: 4000 }, sampling: { topK: 3, minP: 0.1 } },
    { enable_thinking: true, thinking_budget: 4000, top_k: 3, min_p: undefined },
    ["min_p"],
  ],
  [
    "Qwen (DashScope, ModelScope)",
    "",
    "qwen3.8-max",
    effort("max"),
    { enable_thinking: true, thinking_budget: undefined },
  ],
  ["Qwen (DashScope, ModelScope)", "", "qwen3.8-max", off, { enable_thinking: false }],
  [
    "Qwen (DashScope, ModelScope)",
    "",
    "qwen3.8-max",
    json,
    { enable_thinking: false, response_format: { type: "json_object" } },
  ],
  [
    "Qwen (DashScope, ModelScope)",
    "Qwen3, the open sizes",
    "qwen3-32b",
    { stream: false, ...on },
    { enable_thinking: false },
    ["thinking"],
  ],
  [
    "Qwen (DashScope, ModelScope)",
    "thinking-only models",
    "qwq-plus",
    { ...named, ...json },
    { enable_thinking: undefined, tool_choice: "auto", response_format: undefined },
    ["tool_choice", "response_format"],
  ],
  [
    "Moonshot Kimi",
    "",
    "kimi-k2-0905-preview",
    { ...on, sampling: { temperature: 0.3 }, tools: [{ ...look, strict: true }] },
    { thinking: undefined, reasoning_effort: undefined, temperature: 0.3 },
    ["thinking", "strict"],
  ],
  [
    "Moonshot Kimi",
    "K2.5 and newer",
    "kimi-k2.6",
    { ...off, sampling: { temperature: 0.3 } },
    { thinking: { type: "disabled" }, temperature: undefined },
    ["temperature"],
  ],
  [
    "Moonshot Kimi",
    "K2.5 and newer",
    "kimi-k2.5",
    forced,
    { thinking: { type: "disabled" }, tool_choice: "required" },
  ],
  [
    "Moonshot Kimi",
    "K2.7 Code",
    "kimi-k2.7-code",
    { ...off, ...forced },
    { thinking: undefined, tool_choice: "auto" },
    ["tool_choice", "thinking off"],
  ],
  ["Moonshot Kimi", "K3", "kimi-k3", effort("medium"), { reasoning_effort: "low", thinking: undefined }],
  ["Z.ai GLM", "", "glm-5.1", effort("high"), { thinking: { type: "enabled" } }, ["thinking effort"]],
  [
    "Z.ai GLM",
    "",
    "glm-5.1",
    { ...named, sampling: { temperature: 1.4, presencePenalty: 1 } },
    { tool_choice: "auto", temperature: 1, presence_penalty: undefined },
    ["tool_choice", "temperature above 1", "presence_penalty"],
  ],
  [
    "Z.ai GLM",
    "",
    "glm-5.1",
    { tools: [look], toolChoice: "none" },
    { tools: undefined, tool_choice: undefined },
  ],
  [
    "Z.ai GLM",
    "GLM-5.2",
    "glm-5.2",
    effort("low"),
    { thinking: { type: "enabled" }, reasoning_effort: "high" },
  ],
  ["Z.ai GLM", "GLM-5.2", "glm-5.2", off, { thinking: { type: "disabled" }, reasoning_effort: undefined }],
  [
    "Z.ai GLM",
    "GLM-5.3 and newer",
    "glm-5.3-flash",
    off,
    { thinking: undefined, reasoning_effort: "low" },
    ["thinking off"],
  ],
  [
    "Z.ai GLM",
    "GLM-5.3 and newer",
    "glm-5.3",
    effort("medium"),
    { thinking: undefined, reasoning_effort: "low" },
  ],
  ["Z.ai GLM", "GLM-5.3 and newer", "glm-5.3", on, { thinking: undefined, reasoning_effort: undefined }],
  [
    "MiniMax",
    "",
    "MiniMax-M2.7",
    { ...on, sampling: { temperature: 0 } },
    { reasoning_split: true, temperature: 0.01, thinking: undefined, reasoning_effort: undefined },
  ],
  ["MiniMax", "M3 and newer", "MiniMax-M3", on, { thinking: { type: "adaptive" }, reasoning_split: true }],
  ["MiniMax", "M3 and newer", "MiniMax-M3", off, { thinking: { type: "disabled" } }],
  [
    "Mistral",
    "",
    "devstral-2512",
    { ...on, sampling: { seed: 4, maxTokens: 5 }, userId: "u" },
    { stream_options: undefined, random_seed: 4, seed: undefined, user: undefined, max_tokens: 5 },
    ["thinking", "user"],
  ],
  [
    "Mistral",
    "models with adjustable reasoning",
    "mistral-small-latest",
    effort("low"),
    { reasoning_effort: "high" },
  ],
  ["Mistral", "models with adjustable reasoning", "mistral-medium-3-5", off, { reasoning_effort: "none" }],
  [
    "Groq",
    "",
    "llama-3.3-70b-versatile",
    { ...on, logprobs: {} },
    { reasoning_effort: undefined, logprobs: undefined },
    ["thinking", "logprobs"],
  ],
  ["Groq", "gpt-oss", "openai/gpt-oss-120b", effort("high"), { reasoning_effort: "high" }],
  ["Groq", "Qwen", "qwen/qwen3-32b", on, { reasoning_effort: "default", reasoning_format: "parsed" }],
  ["Groq", "Qwen", "qwen/qwen3-32b", off, { reasoning_effort: "none" }],
  [
    "Cerebras",
    "",
    "gemma-4-31b",
    { sampling: { ...penalties.sampling, maxTokens: 3 } },
    { max_completion_tokens: 3, max_tokens: undefined, presence_penalty: undefined, stop: ["x"] },
    ["presence_penalty", "frequency_penalty"],
  ],
  ["Cerebras", "gpt-oss", "gpt-oss-120b", off, { reasoning_effort: "low" }, ["thinking off"]],
  ["Cerebras", "GLM", "zai-glm-4.7", off, { reasoning_effort: "none" }],
  ["Cerebras", "GLM", "zai-glm-4.7", on, { reasoning_effort: undefined }],
  ["xAI", "", "grok-4.5", effort("max"), { reasoning_effort: "high" }],
  ["xAI", "", "grok-4.5", off, { reasoning_effort: "low" }, ["thinking off"]],
  [
    "xAI",
    "models that think",
    "grok-4.5",
    penalties,
    { stop: undefined, presence_penalty: undefined },
    ["stop", "presence_penalty", "frequency_penalty"],
  ],
  ["xAI", "models without an effort", "grok-4-0709", on, { reasoning_effort: undefined }],
  [
    "xAI",
    "models without an effort",
    "grok-4.20-0309-reasoning",
    effort("low"),
    { reasoning_effort: undefined },
    ["thinking effort"],
  ],
  ["xAI", "models without an effort", "grok-4-1-fast-non-reasoning", penalties, { stop: ["x"] }],
  ["xAI", "grok-3-mini", "grok-3-mini", effort("medium"), { reasoning_effort: "low" }],
  ["xAI", "grok-4.3", "grok-4.3", off, { reasoning_effort: "none" }],
  [
    "OpenRouter",
    "",
    "qwen/qwen3-coder",
    { ...effort("xhigh"), sampling: { topK: 5 } },
    { reasoning: { effort: "xhigh" }, top_k: 5, reasoning_effort: undefined },
  ],
  ["OpenRouter", "", "deepseek/deepseek-v4-pro", off, { reasoning: { enabled: false }, thinking: undefined }],
  ...(
    [
      ["Claude", "anthropic/claude-sonnet-5", "anthropic-claude-v1"],
      ["Gemini", "google/gemini-2.5-pro", "google-gemini-v1"],
      ["GPT", "openai/gpt-6-sol", "azure-openai-responses-v1"],
      ["Grok", "x-ai/grok-4.5", "xai-responses-v1"],
    ] as const
  ).map(([variant, model, format]): Case => [
    "OpenRouter",
    variant,
    model,
    { messages: [user, ...hidden("other-v1", format)] },
    {
      messages: [{}, { reasoning_details: [{ type: "reasoning.encrypted", data: "x1", format, index: 1 }] }],
    },
  ]),
  [
    "OpenRouter",
    "Gemini 3 and newer",
    "google/gemini-3.1-pro",
    { messages: history },
    {
      messages: [
        {},
        { content: "a" },
        {},
        {
          reasoning_details: [
            {
              type: "reasoning.encrypted",
              data: "skip_thought_signature_validator",
              format: "google-gemini-v1",
              index: 0,
              id: "call_1",
            },
          ],
        },
        {},
      ],
    },
  ],
  [
    "OpenRouter",
    "Claude and Gemini",
    "anthropic/claude-sonnet-5",
    { system: [{ type: "text", text: "s", cache: { type: "ephemeral" } }] },
    {
      messages: [
        { role: "system", content: [{ type: "text", text: "s", cache_control: { type: "ephemeral" } }] },
        { role: "user", content: "hi" },
      ],
    },
  ],
  [
    "NVIDIA NIM",
    "",
    "deepseek-ai/deepseek-v3.1",
    on,
    { chat_template_kwargs: { enable_thinking: true, thinking: true }, reasoning_effort: undefined },
  ],
  [
    "NVIDIA NIM",
    "Nemotron 3",
    "nvidia/nemotron-3-ultra-550b-a55b",
    { thinking: { mode: "on", budgetTokens: 900 } },
    { chat_template_kwargs: { enable_thinking: true, thinking: true }, reasoning_budget: 900 },
  ],
  ["NVIDIA NIM", "gpt-oss", "openai/gpt-oss-20b", effort("low"), { reasoning_effort: "low" }],
  ["Together", "", "zai-org/GLM-5", off, { reasoning: { enabled: false } }],
  [
    "Together",
    "gpt-oss",
    "openai/gpt-oss-20b",
    effort("low"),
    { reasoning_effort: "low", reasoning: undefined },
  ],
  [
    "Together",
    "GLM-5.3 and newer",
    "zai-org/GLM-5.3",
    off,
    { reasoning: undefined, reasoning_effort: "low" },
    ["thinking off"],
  ],
  [
    "Together",
    "Qwen",
    "Qwen/Qwen3.5-397B",
    { ...off, sampling: { repeatPenalty: 1.1 } },
    { chat_template_kwargs: { enable_thinking: false, thinking: false }, repetition_penalty: 1.1 },
  ],
  [
    "vLLM, SGLang",
    "",
    "Qwen/Qwen3-8B",
    { ...off, sampling: { minP: 0.1 }, extra: { openai: { chat_template_kwargs: { lang: "de" } } } },
    { chat_template_kwargs: { lang: "de", enable_thinking: false, thinking: false }, min_p: 0.1 },
  ],
  ["vLLM, SGLang", "gpt-oss", "openai/gpt-oss-20b", effort("low"), { reasoning_effort: "low" }],
  [
    "llama.cpp",
    "",
    "gpt-oss-20b",
    { ...effort("high"), sampling: { repeatPenalty: 1.1 } },
    {
      chat_template_kwargs: { enable_thinking: true, thinking: true, reasoning_effort: "high" },
      repeat_penalty: 1.1,
      repetition_penalty: undefined,
    },
  ],
  ["llama.cpp", "", "qwen3", named, { tool_choice: "required", tools: [{ function: { name: "find" } }] }],
  ["LM Studio", "", "qwen3", named, { tool_choice: "required", tools: [{ function: { name: "find" } }] }],
  ["LM Studio", "", "qwen3", forced, { tool_choice: "required", tools: [{}, {}] }],
  [
    "LM Studio",
    "",
    "qwen3",
    { ...json, sampling: { repeatPenalty: 1.1, minP: 0.1 } },
    {
      response_format: {
        type: "json_schema",
        json_schema: { name: "response", schema: { type: "object" } },
      },
      repeat_penalty: 1.1,
    },
    ["min_p"],
  ],
  ["", "OpenAI's reasoning models", "o3-mini", off, { reasoning_effort: "low" }, ["thinking off"]],
  [
    "",
    "OpenAI's reasoning models",
    "gpt-5",
    { sampling: { temperature: 1, topP: 0.5, maxTokens: 7 } },
    { temperature: undefined, top_p: undefined, max_completion_tokens: 7 },
    ["top_p"],
  ],
  ["", "o3, o4", "o4-mini", { sampling: { stop: ["x"] } }, { stop: undefined }, ["stop"]],
  ["", "gpt-5", "gpt-5-mini", off, { reasoning_effort: "minimal" }, ["thinking off"]],
  ["", "gpt-5-pro", "gpt-5-pro", effort("low"), { reasoning_effort: "high" }],
  ["", "gpt-5.1 and newer", "gpt-5.1", off, { reasoning_effort: "none" }],
  ["", "gpt-5.2 and newer", "gpt-5.2", effort("max"), { reasoning_effort: "xhigh" }],
  ["", "gpt-5.2 to 5.5", "gpt-5.4", { ...on, tools: [look] }, { reasoning_effort: undefined }, ["thinking"]],
  ["", "gpt-5.6 and newer", "gpt-5.6-terra", { tools: [look] }, { reasoning_effort: "none" }],
  ["", "gpt-5.6 and newer", "gpt-5.6-terra", effort("minimal"), { reasoning_effort: "low" }],
  [
    "OpenRouter",
    "gpt-5.6 and newer",
    "openai/gpt-5.6",
    { ...on, tools: [look] },
    { reasoning: { enabled: true } },
  ],
  [
    "OpenRouter",
    "gpt-oss",
    "openai/gpt-oss-20b",
    off,
    { reasoning: { effort: "minimal" } },
    ["thinking off"],
  ],
];

describe("request → wire body", () => {
  it.each(CASES)("%s / %s: %s, %j", (row, variant, model, asked, wire, dropped) => {
    const built = build(row, model, asked);
    if (row !== "") expect(findProvider(known(row), model)?.name).toBe(row);
    if (variant !== "") expect(rowsFor(row, model)).toContain(variant);
    const fields = Object.entries(wire);
    expect(built.body).toMatchObject(Object.fromEntries(fields.filter(([, value]) => value !== undefined)));
    for (const [name, value] of fields) if (value === undefined) expect(built.body).not.toHaveProperty(name);
    expect(built.dropped ?? []).toEqual(dropped ? expect.arrayContaining(dropped) : []);
    expect(built.dropped ?? []).toHaveLength(dropped?.length ?? 0);
  });

  it("every row of the table has a case", () => {
    const covered = new Set(CASES.map(([row, variant]) => `${row}/${variant}`));
    const rows = PROVIDERS.flatMap(({ name, variants }) => [
      `${name}/`,
      ...(variants ?? []).map((variant) => `${name}/${variant.name}`),
    ]);
    expect(rows.filter((row) => !covered.has(row))).toEqual([]);
    const variants = new Set(CASES.map(([, variant]) => variant));
    const elsewhere = MODELS.filter(({ name }) => !variants.has(name) && name !== "Mistral's models");
    expect(elsewhere).toEqual([]);
  });

  it("every provider stands in the documentation, with its ids", () => {
    const docs = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");
    for (const { name, match } of PROVIDERS) {
      const line = docs.split("\n").find((row) => row.startsWith(`| ${name} |`));
      expect(line, name).toBeDefined();
      for (const id of match.ids ?? []) if (!id.includes("_")) expect(line).toContain(`\`${id}\``);
    }
    for (const field of Object.keys(readQuirks(undefined, "m"))) expect(docs).toContain(`\`${field}\``);
  });

  it("nothing of the client's request is changed", () => {
    const asked = { ...named, ...jsonSchema, ...on };
    const before = structuredClone(asked);
    for (const { name } of PROVIDERS) build(name, "m", asked);
    expect(asked).toEqual(before);
  });
});

describe("trap 22: thoughts that must come back", () => {
  const sent = (row: string, model: string, fields: Partial<UnifiedRequest> = {}) =>
    messagesOf(build(row, model, { messages: history, tools: [look], ...fields })).filter(
      ({ role }) => role === "assistant",
    );

  it.each([
    ["DeepSeek", "deepseek-v4-pro"],
    ["Moonshot Kimi", "kimi-k2.6"],
  ])("%s: with every assistant message, a blank where there are none", (row, model) => {
    expect(sent(row, model)).toMatchObject([{ reasoning_content: "hm" }, { reasoning_content: " " }]);
    expect(JSON.stringify(sent(row, model, off))).not.toContain("reasoning");
  });

  it.each([
    ["Z.ai GLM", "glm-5", { reasoning_content: "hm" }],
    ["llama.cpp", "gpt-oss", { reasoning_content: "hm" }],
    ["OpenRouter", "z-ai/glm-5", { reasoning: "hm" }],
    ["MiniMax", "MiniMax-M2", { reasoning_details: [{ type: "reasoning.text", text: "hm" }] }],
  ])("%s: where there are any", (row, model, fields) => {
    const [first, second] = sent(row, model);
    expect(first).toMatchObject(fields);
    expect(JSON.stringify(second)).not.toContain("reasoning");
  });

  it.each(["OpenAI", "Mistral", "Groq", "Cerebras", "xAI", "NVIDIA NIM", "Together", "LM Studio"])(
    "%s: never",
    (row) => expect(JSON.stringify(sent(row, "m"))).not.toContain("hm"),
  );
});

describe("trap 18: call ids", () => {
  const ids = (row: string, model: string, id: string) => {
    const messages = JSON.parse(JSON.stringify(history).replaceAll("call_1", id)) as Message[];
    const sent = build(row, model, { messages }).body?.messages as {
      tool_calls?: { id: string }[];
      tool_call_id?: string;
    }[];
    return [sent[3]?.tool_calls?.[0]?.id, sent[4]?.tool_call_id];
  };

  it.each([
    ["Mistral", "any"],
    ["vLLM, SGLang", "mistralai/Devstral-Small-2512"],
    ["OpenRouter", "mistralai/mistral-large"],
  ])("%s, %s: nine letters and digits, the same in call and result", (row, model) => {
    const [call, result] = ids(row, model, "toolu_01ABC");
    expect(call).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(result).toBe(call);
    expect(ids(row, model, "toolu_01ABD")[0]).not.toBe(call);
    expect(ids(row, model, "aB3dE6gH9")).toEqual(["aB3dE6gH9", "aB3dE6gH9"]);
  });

  it("stay elsewhere", () => {
    expect(ids("Moonshot Kimi", "kimi-k2.5", "functions.look:0")[0]).toBe("functions.look:0");
  });
});

describe("which row", () => {
  const name = (id: string, baseUrl: string, model = "m") => findProvider({ id, baseUrl }, model)?.name;

  it.each([
    ["host", "x", "https://api.deepseek.com/v1", "m", "DeepSeek"],
    ["a host below it", "x", "https://coding.dashscope.aliyuncs.com/v1", "m", "Qwen (DashScope, ModelScope)"],
    ["another port", "x", "https://API.Mistral.ai:8443/v1", "m", "Mistral"],
    ["the port of LM Studio", "x", "http://192.168.1.5:1234/v1", "m", "LM Studio"],
    ["host before id", "groq", "https://api.deepseek.com", "m", "DeepSeek"],
    ["host before model", "x", "https://openrouter.ai/api/v1", "deepseek/deepseek-v4-pro", "OpenRouter"],
    ["id", "vllm", "http://10.0.0.7:8000/v1", "m", "vLLM, SGLang"],
    ["a name made with the id", "LAN-vLLM_2", "http://10.0.0.7:8000/v1", "m", "vLLM, SGLang"],
    ["id before model", "vllm", "http://10.0.0.7:8000/v1", "deepseek-v4", "vLLM, SGLang"],
    ["model, at a gateway", "x", "https://gateway.example/v1", "deepseek-v4-flash", "DeepSeek"],
    ["model, at a gateway", "x", "https://gateway.example/v1", "moonshotai/kimi-k2.5", "Moonshot Kimi"],
  ])("%s: %s %s %s", (_, id, baseUrl, model, expected) => expect(name(id, baseUrl, model)).toBe(expected));

  it.each([
    ["x", "https://notapi.deepseek.com.example/v1", "m"],
    ["x", "https://xapi.deepseek.com/v1", "m"],
    ["x", "http://10.0.0.7:11234/v1", "m"],
    ["nimble", "https://gateway.example/v1", "m"],
    ["openai", "https://gateway.example/v1", "m"],
    ["x", "not a URL", "deepseek-r1:8b"],
    ["x", "", "kimi"],
  ])("none: %s %s %s", (id, baseUrl, model) => expect(name(id, baseUrl, model)).toBeUndefined());

  it("unknown providers get the plain form", () => {
    const provider = { id: "x", baseUrl: "https://gateway.example/v1" };
    expect(readQuirks({ provider }, "m")).toEqual(readQuirks(undefined, "m"));
  });
});

describe("precedence", () => {
  const deepseek = { id: "x", baseUrl: "https://api.deepseek.com" };
  const cerebras = { id: "x", baseUrl: "https://api.cerebras.ai/v1" };

  it("defaults < provider < its model < the model anywhere < configured", () => {
    const read = (model: string, provider?: typeof deepseek, quirks?: Record<string, unknown>) =>
      readQuirks({ provider, quirks }, model);
    expect(read("m").reasoningField).toBe("reasoning_effort");
    expect(read("m", cerebras).reasoningField).toBe("none");
    expect(read("zai-glm-4.7", cerebras)).toMatchObject({
      reasoningField: "reasoning_effort",
      thinkingOff: true,
    });
    expect(read("gpt-oss-120b", cerebras).thinkingOff).toBe(false);
    expect(read("gpt-oss-120b", cerebras, { thinkingOff: true }).thinkingOff).toBe(true);
  });

  it("what is refused adds up in the table, and is replaced by what is configured", () => {
    const { refuses } = readQuirks({ provider: cerebras }, "o3");
    expect(refuses).toEqual(expect.arrayContaining(["logit_bias", "temperature", "stop"]));
    expect(readQuirks({ provider: cerebras, quirks: { refuses: [] } }, "o3").refuses).toEqual([]);
  });

  it.each([
    [{ sendReasoning: true }, { sendReasoning: "reasoning_content" }],
    [{ sendReasoning: false }, { sendReasoning: false }],
    [{ efforts: ["max", "low", "odd"] }, { efforts: ["low", "max"] }],
    [{ efforts: [] }, { efforts: [] }],
    [
      { reasoningDetails: true, detailFormats: ["a-"], lostDetail: { type: "t" } },
      { reasoningDetails: true, detailFormats: ["a-"], lostDetail: { type: "t" } },
    ],
    [{ rename: { seed: "random_seed", x: 3 } }, { rename: { seed: "random_seed" } }],
    [{ temperatures: [0, 2] }, { temperatures: [0, 2] }],
    [
      { onEffort: "default", budgetField: "budget" },
      { onEffort: "default", budgetField: "budget" },
    ],
    [{ unthinking: [] }, { unthinking: [] }],
    [
      { cumulative: "thinking", thinkTags: true },
      { cumulative: "thinking", thinkTags: true },
    ],
  ])("reads %j", (quirks, expected) => {
    const read = readQuirks({ provider: deepseek, quirks }, "m");
    expect(read).toMatchObject(expected);
  });

  it.each([
    { sendReasoning: 3 },
    { reasoningDetails: "yes", detailFormats: "any", lostDetail: [] },
    { efforts: ["odd"] },
    { efforts: "low" },
    { rename: ["a"] },
    { temperatures: [2, 0] },
    { temperatures: "0-1" },
    { refuses: "temperature" },
    { toolChoice: "never" },
    { reasoningField: "thoughts" },
    { body: [] },
    JSON.parse('{"__proto__": {"developerRole": true}, "constructor": 1, "toString": 2}') as object,
  ])("leaves aside what makes no sense: %j", (quirks) => {
    const plain = readQuirks({ provider: deepseek }, "m");
    expect(readQuirks({ provider: deepseek, quirks: quirks as Record<string, unknown> }, "m")).toEqual(plain);
  });
});

const messagesOf = ({ body }: ReturnType<typeof buildRequest>) =>
  (body?.messages ?? []) as { role: string }[];

function rowsFor(row: string, model: string): string[] {
  const provider = PROVIDERS.find(({ name }) => name === row);
  return [...(provider?.variants ?? []), ...MODELS]
    .filter(({ models }) => models.test(model))
    .map(({ name }) => name);
}
