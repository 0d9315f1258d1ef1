import type { WriteContext } from "../adapter.ts";
import { escapeText } from "../escape-text.ts";
import { isBeta } from "./is-beta.ts";
import { writeStart } from "./write-message.ts";

/** The message as a stream begins with it, as text, where nothing is known of the answer yet: the most of it never changes. */
export function toStartText(context: WriteContext): string {
  const place = isBeta(context.call) ? 1 : 0;
  const rest = (RESTS[place] ??= toRest(context));
  return `{"model":"${escapeText(context.request.model)}","id":"msg_${escapeText(context.id)}${rest}`;
}

/** What stands behind the two; kept for clients that know the beta types, and for others. */
const RESTS: string[] = [];

function toRest({ call, ...context }: WriteContext): string {
  const nobody = { ...context, call, id: "", request: { ...context.request, model: "" } };
  return JSON.stringify(writeStart({}, nobody)).slice('{"model":"","id":"msg_'.length);
}
