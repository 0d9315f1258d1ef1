import { expect, it } from "vitest";
import { findAdapter } from "../../adapters/index.ts";

it.each([
  ["claude", "https://api.anthropic.com", true],
  ["gemini", "https://generativelanguage.googleapis.com", true],
  ["openai-responses", "https://api.openai.com/v1", true],
  ["ollama", "http://127.0.0.1:11434", false],
  ["openai", "https://api.openai.com/v1", true],
  ["openai", "https://api.deepseek.com", true],
  ["openai", "https://openrouter.ai/api/v1", false],
  ["openai", "https://api.example.com/v1", false],
])("%s at %s caches prompts: %s", (protocol, baseUrl, expected) => {
  const provider = { id: "p", baseUrl };
  expect(findAdapter(protocol)?.provider.cachesPrompts?.({ provider }) === true).toBe(expected);
});

it("is a quirk that the configuration can set", () => {
  const face = findAdapter("openai")?.provider;
  const provider = { id: "p", baseUrl: "https://api.example.com/v1" };
  expect(face?.cachesPrompts?.({ provider, quirks: { cachesPrompts: true } })).toBe(true);
});
