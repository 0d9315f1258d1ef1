import { expect, it } from "vitest";
import { foldEvents } from "../../../adapters/fold.ts";
import { GatewayError } from "../../../adapters/errors.ts";
import { loadResponse, loadStream, plain, provider } from "./load.ts";

it("a full answer equals the fold of its stream", () => {
  const parser = provider.createStreamParser(plain());
  const events = [...parser.push(loadStream("reasoning-and-calls")), ...parser.end()];
  expect(provider.parseResponse(loadResponse("reasoning-and-calls"), plain())).toEqual(foldEvents(events));
});

it("an answer stopped by a filter", () => {
  expect(provider.parseResponse(loadResponse("incomplete"), plain())).toMatchObject({
    content: [{ type: "text", text: "Hel" }],
    finishReason: "content-filter",
  });
});

it.each([
  [loadResponse("failed"), /The server had an error/],
  ["<html>", /no response object/],
  [{ choices: [] }, /no response object/],
  [{ status: "queued" }, /still queued/],
  [{ error: { message: "no such thing", code: "model_not_found" } }, /no such thing/],
])("what is no answer is an error: %j", (body, message) => {
  expect(() => provider.parseResponse(body, plain())).toThrow(message);
  expect(() => provider.parseResponse(body, plain())).toThrow(GatewayError);
});

it("trap 37: missing usage and details are no fault", () => {
  expect(provider.parseResponse({ status: "completed", output: [] }, plain())).toEqual({
    id: undefined,
    model: undefined,
    content: [],
    finishReason: "stop",
  });
});
