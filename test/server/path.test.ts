import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { parsePath } from "../../server/path.ts";

describe("parsePath", () => {
  it.each([
    ["/v1/messages", { rest: "/v1/messages" }],
    ["/", { rest: "/" }],
    ["", { rest: "/" }],
    ["/api/chat", { rest: "/api/chat" }],
    ["/v1beta/models/a:generateContent", { rest: "/v1beta/models/a:generateContent" }],
    ["/qwen/v1/messages", { group: "qwen", rest: "/v1/messages" }],
    ["/Qwen/v1/messages", { group: "qwen", rest: "/v1/messages" }],
    ["/qwen", { group: "qwen", rest: "/" }],
    ["/qwen/", { group: "qwen", rest: "/" }],
    ["/my.group_1-x/api/chat", { group: "my.group_1-x", rest: "/api/chat" }],
    ["/qwen/compat/v1/messages", { group: "qwen", compat: true, rest: "/v1/messages" }],
    ["/qwen/compat_mode/v1/messages", { group: "qwen", compat: true, rest: "/v1/messages" }],
    ["/compat_mode/v1/messages", { compat: true, rest: "/v1/messages" }],
    ["/compat/api/chat", { compat: true, rest: "/api/chat" }],
    ["/compat", { compat: true, rest: "/" }],
    ["/switch/v1/messages", { active: true, rest: "/v1/messages" }],
    ["/SWITCH/compat/v1/messages", { active: true, compat: true, rest: "/v1/messages" }],
    ["/switch", { active: true, rest: "/" }],
    // Only one group, and compat only right behind it.
    ["/a/b/v1/messages", { group: "a", rest: "/b/v1/messages" }],
    ["/compat/compat/v1", { compat: true, rest: "/compat/v1" }],
    ["/v1/compat/x", { rest: "/v1/compat/x" }],
    // No names of groups.
    ["//v1/messages", { rest: "//v1/messages" }],
    ["/-a/v1", { rest: "/-a/v1" }],
    ["/../v1", { rest: "/../v1" }],
    ["/a%2fb/v1", { rest: "/a%2fb/v1" }],
    [`/${"a".repeat(65)}/v1`, { rest: `/${"a".repeat(65)}/v1` }],
  ])("%s", (path, expected) => {
    expect(parsePath(path)).toEqual({ active: false, compat: false, ...expected });
  });

  it.each([
    "api",
    "v1",
    "v1beta",
    "v1alpha",
    "mcp",
    "console",
    "admin",
    "health",
    "ready",
    "status",
    "metrics",
  ])("never takes /%s for a group", (word) => {
    expect(parsePath(`/${word}/x`).group).toBeUndefined();
  });

  it("takes prefixes off and nothing else", () => {
    const group = fc.stringMatching(/^g[a-z0-9._-]{0,10}$/);
    const compat = fc.constantFrom("", "/compat", "/compat_mode");
    const rest = fc.constantFrom("/v1/chat/completions", "/api/tags", "/v1/models/a/b:c", "/");
    fc.assert(
      fc.property(fc.option(group), compat, rest, (name, mode, own) => {
        const parsed = parsePath(`${name === null ? "" : `/${name}`}${mode}${own}`);
        expect(parsed).toEqual({
          ...(name !== null && { group: name }),
          active: false,
          compat: mode !== "",
          rest: own,
        });
      }),
    );
  });
});
