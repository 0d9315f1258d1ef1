import type { ArgsDef } from "citty";
import type { Config, KeyConfig } from "../../storage/types.ts";
import type { Invocation } from "../command.ts";
import { CliError } from "../exit-code.ts";
import { findName } from "../find-name.ts";
import { toWords } from "../to-value.ts";

/** The flags that say what a key reaches. */
export const scopeArgs = {
  group: { type: "string", valueHint: "name", description: "A group it reaches; none: all." },
  model: { type: "string", valueHint: "pattern", description: "A model it may ask for; none: all." },
  protocol: { type: "string", valueHint: "name", description: "A protocol it may speak; none: all." },
  address: {
    type: "string",
    valueHint: "network",
    description: "An address or network it may come from; none: all.",
  },
} satisfies ArgsDef;

export const repeatableScopeArgs = ["group", "model", "protocol", "address"] as const;
export const SCOPE_FIELDS = ["groups", "models", "protocols", "addresses"] as const;

/** What the flags say; lists replace what was there. */
export function toScope(
  { list }: Invocation,
  config: Config,
): Partial<Pick<KeyConfig, (typeof SCOPE_FIELDS)[number]>> {
  const groups = words(list("group"))?.map((name) =>
    name === "default" ? name : findName("group", name, config.groups),
  );
  const models = words(list("model"));
  const protocols = words(list("protocol"));
  const addresses = words(list("address"));
  const unknown = protocols?.find((name) => !PROTOCOLS.includes(name));
  if (unknown !== undefined)
    throw new CliError(
      "bad-value",
      `--protocol: expected one of ${PROTOCOLS.join(", ")}, got "${unknown}"`,
      "give one of these",
    );
  return {
    ...(groups && { groups }),
    ...(models && { models }),
    ...(protocols && { protocols }),
    ...(addresses && { addresses }),
  };
}

const words = (texts: string[] | undefined): string[] | undefined => texts && toWords(texts);

const PROTOCOLS = ["openai", "openai-responses", "claude", "gemini", "ollama"];
