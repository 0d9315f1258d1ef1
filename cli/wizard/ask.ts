import type { CANCEL_SYMBOL } from "@clack/prompts";
import { CliError } from "../exit-code.ts";
import { printable } from "../printable.ts";
import type { Choice } from "./choose-models.ts";
import type { Offer } from "./find-offers.ts";
import type { Terminal } from "./terminal.ts";

/** The wizard's questions. Each throws `interrupted` at Ctrl-C. */
export interface Ask {
  providers: (offers: readonly Offer[]) => Promise<Offer[]>;
  /** A provider's key; "": go on without this provider. */
  key: (offer: Offer) => Promise<string>;
  /** What becomes of a provider that failed its test; `again`: with another key. */
  keep: (offer: Offer) => Promise<"drop" | "keep" | "again">;
  model: (choices: readonly Choice[]) => Promise<Choice | undefined>;
}

/** Answers of one who agrees to everything: what is there is taken, what fails is not. */
export const AGREEING: Ask = {
  providers: async (offers) => offers.filter(({ chosen }) => chosen),
  key: async () => "",
  keep: async () => "drop",
  model: async ([first]) => first,
};

/** Asks a person at a terminal. */
export async function createAsk(terminal: Terminal): Promise<Ask> {
  const { autocomplete, isCancel, multiselect, password, select } = await import("@clack/prompts");
  const answered = <T>(answer: T | typeof CANCEL_SYMBOL): T => {
    if (!isCancel(answer)) return answer;
    throw new CliError("interrupted", "interrupted; nothing was changed", "'ccproxy init' begins again");
  };
  return {
    async providers(offers) {
      const options = offers.map(({ known, found }) => ({
        value: known.id,
        label: known.label,
        hint: found ?? `needs a key${known.note === undefined ? "" : `; ${known.note}`}`,
      }));
      const initialValues = offers.filter(({ chosen }) => chosen).map(({ known }) => known.id);
      const chosen = answered(
        await multiselect({
          message: "Which providers do you want to use?",
          options,
          initialValues,
          required: true,
          maxItems: 12,
          ...terminal,
        }),
      );
      return offers.filter(({ known }) => chosen.includes(known.id));
    },
    async key({ known }) {
      const message = `Key for ${known.label}, from ${known.from} (or env:NAME; nothing leaves it out)`;
      return (answered(await password({ message, ...terminal })) ?? "").trim();
    },
    async keep({ known }) {
      const answer = await select<"drop" | "keep" | "again">({
        message: `${known.label} failed its test. What now?`,
        options: [
          { value: "drop", label: "Leave it out" },
          ...(known.local ? [] : [{ value: "again" as const, label: "Enter another key" }]),
          { value: "keep", label: "Keep it all the same" },
        ],
        ...terminal,
      });
      return answered(answer);
    },
    async model(choices) {
      const options = choices.map((choice, index) => ({
        value: index,
        label: printable(choice.model),
        hint: choice.provider,
      }));
      const chosen = await autocomplete({
        message: "Which model shall answer agents? (type to search)",
        options,
        initialValue: 0,
        maxItems: 10,
        ...terminal,
      });
      return choices[answered(chosen)];
    },
  };
}
