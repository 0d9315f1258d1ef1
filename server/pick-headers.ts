import type { Headers } from "../adapters/adapter.ts";
import { remember } from "./remember.ts";

/** What of a provider's headers a client may see. */
export function pickHeaders(headers: Headers): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && isPassed(name)) picked[name] = value;
  }
  return picked;
}

/** Providers send few different ones. */
const isPassed = remember((name) => PASSED.test(name));

const PASSED =
  /^(?:content-type|cache-control|request-id|x-request-id|openai-processing-ms|(?:x|anthropic)-ratelimit-[a-z-]+)$/;
