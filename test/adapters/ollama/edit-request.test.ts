import { describe, expect, it } from "vitest";
import { applyEdits, type RequestEdits } from "../../../adapters/edits.ts";
import { buildRequest } from "../../../adapters/ollama/build-request.ts";
import { editRequest } from "../../../adapters/ollama/edit-request.ts";
import { parseRequest } from "../../../adapters/ollama/parse-request.ts";
import { toCall } from "./fixtures.ts";

const bodies: Record<string, Record<string, unknown>> = {
  chat: {
    model: "m",
    messages: [
      { role: "system", content: "You are red. Red!" },
      { role: "user", content: "hi" },
      { role: "assistant", content: "ho" },
      { role: "system", content: "red stays here" },
      { role: "user", content: "go on" },
    ],
    tools: ["a", "b"].map((name) => ({
      type: "function",
      function: { name, parameters: { type: "object", properties: {} } },
    })),
    options: { temperature: 0.5 },
    stream: false,
  },
  "chat without system": { model: "m", messages: [{ role: "user", content: "hi" }], stream: true },
  "chat in capitals": {
    Model: "m",
    MESSAGES: [
      { Role: "System", Content: "red" },
      { Role: "user", Content: "hi" },
    ],
  },
};
const edits: Record<string, RequestEdits> = {
  "enhance system": { prompt: { mode: "enhance", text: "added", position: "system" } },
  "enhance user": { prompt: { mode: "enhance", text: "added", position: "user" } },
  "replace system": { prompt: { mode: "replace", text: "instead", position: "system" } },
  "replace user": { prompt: { mode: "replace", text: "instead", position: "user" } },
  "find and replace": {
    replace: [
      ["red", "$& blue"],
      ["Red", "Blue"],
      ["", "x"],
    ],
  },
  "drop a tool": { dropTools: ["a"] },
  "drop all tools": { dropTools: ["a", "b"] },
  "cool down": { temperatureRatio: 0.5 },
  nothing: {},
};

describe("editRequest", () => {
  for (const [bodyName, body] of Object.entries(bodies)) {
    it.each(Object.keys(edits))(`${bodyName}: %s means what it means on the converted path`, (name) => {
      const edit = edits[name] ?? {};
      const before = structuredClone(body);
      const edited = parseRequest(editRequest(body, edit), toCall("chat"));
      const converted = applyEdits(parseRequest(body, toCall("chat")), edit);
      expect(buildRequest(edited).body).toEqual(buildRequest(converted).body);
      expect(body).toEqual(before);
    });
  }

  it("edits /api/generate, but not a raw prompt", () => {
    const body = { model: "m", prompt: "hi", system: "red" };
    const added = { mode: "enhance", text: "added" } as const;
    expect(
      editRequest(body, { prompt: { ...added, position: "system" }, replace: [["red", "blue"]] }),
    ).toEqual({
      ...body,
      system: "blue\n\nadded",
    });
    expect(editRequest(body, { prompt: { ...added, position: "user" } })).toEqual({
      ...body,
      prompt: "added\n\nhi",
    });
    expect(editRequest(body, { prompt: { mode: "replace", text: "new", position: "system" } }).system).toBe(
      "new",
    );
    const raw = { model: "m", prompt: "<s>hi", raw: true };
    expect(editRequest(raw, { prompt: { ...added, position: "system" } })).toEqual(raw);
  });

  it("takes odd bodies", () => {
    const odd = { model: "m", messages: [null, 5, { role: 7 }], tools: [null, {}], options: [] };
    expect(() =>
      editRequest(odd, { ...edits["enhance user"], dropTools: ["x"], temperatureRatio: 2 }),
    ).not.toThrow();
  });
});
