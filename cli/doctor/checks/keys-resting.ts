import { describeMs } from "../../describe-ms.ts";
import { ok, type Check } from "../check.ts";

export const keysResting: Check = {
  id: "keys-resting",
  title: "No key or model rests or is used up",
  fix: "ccproxy provider key clear <provider>, once the cause is mended",
  async run({ status }) {
    const told = await status();
    if (!told) return [];
    const resting = (told.cooling ?? []).map(
      ({ name, reason, remainingMs }) =>
        `${name} rests for ${describeMs(remainingMs)}: ${WORDS[reason] ?? reason}`,
    );
    const limited = (told.limited ?? []).map(
      ({ name, limit, remainingMs }) => `${name} has used up its ${limit}, for ${describeMs(remainingMs)}`,
    );
    const found = [...resting, ...limited];
    return found.length === 0 ? ok("none") : found.map((message) => ({ outcome: "warn", message }));
  },
};

const WORDS: Record<string, string> = {
  "rate-limit": "the provider limits its rate",
  quota: "its quota or credit is used up",
  refused: "the provider refused the key",
  failures: "it failed several times in a row",
  busy: "the provider is overloaded",
};
