import fc from "fast-check";
import { expect, it } from "vitest";
import { beginsInThinking, mayTell } from "../../compat/begins-in-thinking.ts";
import { BREAKERS, CALL_BEGINS, SPECIAL, TAGS } from "../../compat/thinking-tags.ts";

it("can tell nothing of text that has nothing to tell by", () => {
  const word = fc.oneof(
    fc.constantFrom(
      ...TAGS.flatMap((tags) => [tags.open, ...tags.close]),
      ...BREAKERS,
      ...CALL_BEGINS,
      ...SPECIAL,
    ),
    fc.constantFrom("[TOOL_CALLS]", "<invoke ", "```", "{", " <think> ", "think>", "/THINK]", " ", "word"),
    fc.string(),
  );
  const pieces = fc.array(fc.oneof(word, fc.constantFrom("a word", " ", "\n")), { maxLength: 4 });
  fc.assert(
    fc.property(pieces, (all) => {
      if (!all.some(mayTell)) expect(beginsInThinking(all.join(""), TAGS)).toBeUndefined();
    }),
  );
});
