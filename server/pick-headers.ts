import type { Headers } from "../adapters/adapter.ts";

/** What of a provider's headers a client may see. */
export function pickHeaders(headers: Headers): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined && PASSED.test(name)) picked[name] = value;
  }
  return picked;
}

const PASSED =
  /^(?:content-type|cache-control|request-id|x-request-id|openai-processing-ms|(?:x|anthropic)-ratelimit-[a-z-]+)$/;
