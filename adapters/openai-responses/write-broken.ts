import type { SentStream, WriteContext } from "../adapter.ts";
import type { GatewayError } from "../errors.ts";
import { writeSse } from "../sse.ts";
import { writeOutcome, writeSettings } from "./response-object.ts";
import { toStreamError } from "./write-error.ts";

/** The end of a stream that began somewhere else: the same response fails, and its events go on being numbered. */
export function writeBroken(error: GatewayError, { id, last }: SentStream, context: WriteContext): string {
  const type = "response.failed";
  const response = {
    ...writeSettings(context),
    ...(id !== undefined && { id }),
    ...writeOutcome({ output: [], error: toStreamError(error) }, context),
  };
  const [, number = "-1"] = /"sequence_number": ?(\d+)/.exec(last) ?? [];
  return writeSse(JSON.stringify({ type, sequence_number: Number(number) + 1, response }), type);
}
