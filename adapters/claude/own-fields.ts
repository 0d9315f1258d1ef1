import type { Native } from "../unified.ts";
import { isObject, type Json } from "../validate.ts";
import { PROTOCOL } from "./wire.ts";

/** What a Claude provider or client said in fields the unified format has no place for. */
export const readOwn = (native: Native | undefined): Json =>
  native?.origin === PROTOCOL && isObject(native.body) ? native.body : {};

/** The same, to be kept; nothing where there is none of it. */
export function keepOwn(fields: Json): { native?: Native } {
  const body = pickFilled(fields);
  return Object.keys(body).length ? { native: { origin: PROTOCOL, body } } : {};
}

/** What a `tool_use` says beside the call: who made it, if not the model itself, and of which set the tool is. */
export function toCallFields({ caller, toolset_name }: Json): Json {
  const isDirect = isObject(caller) && caller.type === "direct";
  return { caller: isDirect ? undefined : caller, toolset_name };
}

export const pickFilled = (fields: Json): Json =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([key, value]) => value !== undefined && value !== null && key !== "__proto__",
    ),
  );
