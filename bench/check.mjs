import { ask } from "./ask.mjs";
import { readAnswer } from "./read-answer.mjs";
import { toText } from "./tokens.mjs";
import { INPUT_TOKENS } from "./wire.mjs";

/**
 * One answer of a target, read to the last byte: nothing is measured that does not do the work. Throws with what is
 * wrong. `strict`: usage must be there, too; others may leave it out.
 */
export async function check(target, question, { count, strict = true }) {
  const { protocol, ...request } = target.request(question);
  const { status, text } = await ask(target.address, request);
  if (status !== 200) throw new Error(`status ${status}: ${text.slice(0, 300)}`);
  const answer = readAnswer(protocol, text, question);
  const expected = toText(count);
  // Compat mode and some peers take off space around a text.
  if (answer.text.trim() !== expected.trim())
    throw new Error(`the text is not what the provider said: ${JSON.stringify(answer.text.slice(0, 100))}`);
  if (!answer.reason) throw new Error("it does not say why it ended");
  if (!strict) return;
  if (answer.text !== expected) throw new Error("the text lacks the space at its beginning or end");
  if (answer.inputTokens !== INPUT_TOKENS || answer.outputTokens !== count)
    throw new Error(
      `usage ${answer.inputTokens} in, ${answer.outputTokens} out; the provider said ${INPUT_TOKENS}, ${count}`,
    );
}
