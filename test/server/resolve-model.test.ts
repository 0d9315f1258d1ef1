import { describe, expect, it } from "vitest";
import type { Router } from "../../routing/router.ts";
import { resolveModel } from "../../server/resolve-model.ts";

const router = { groupNames: () => ["default", "Qwen"] } as unknown as Router;

describe("resolveModel", () => {
  it.each([
    ["sonnet", "default", "sonnet"],
    ["qwen@sonnet", "Qwen", "sonnet"],
    ["QWEN@a/b:c@d", "Qwen", "a/b:c@d"],
    ["other@sonnet", "default", "other@sonnet"],
    ["@sonnet", "default", "@sonnet"],
    ["@cf/meta/llama", "default", "@cf/meta/llama"],
    ["qwen@", "Qwen", ""],
    ["", "default", ""],
  ])("%s means %s, %s", (model, group, alias) => {
    expect(resolveModel(router, "default", model)).toEqual({ group, alias });
  });
});
