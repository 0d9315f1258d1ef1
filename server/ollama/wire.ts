import type { WireResponse } from "../../adapters/adapter.ts";
import { writeGoJson, writeGoNdjson } from "../../adapters/go-encode.ts";

export const json = (status: number, value: unknown): WireResponse => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: writeGoJson(value),
});

export const nothing = (status: number): WireResponse => ({ status, headers: {}, body: "" });

/** What is found to be wrong only after a job has begun, before it said anything: streamed or not, it looks the same. */
export const refusal = (error: string): WireResponse => ({
  status: 400,
  headers: { "content-type": "application/json" },
  body: writeGoJson({ error }),
});

/**
 * The course of a job (pull, push, create): all its lines where a stream was asked for, an error among them; else
 * how it ended, with status 500 for an error.
 */
export function progress(lines: string[], end: { error?: string }, stream: boolean): WireResponse {
  const last = end.error === undefined ? { status: "success" } : { error: end.error };
  if (!stream) {
    const status = end.error === undefined ? 200 : 500;
    return { status, headers: { "content-type": "application/json" }, body: writeGoJson(last) };
  }
  const all = [...lines.map((status) => ({ status })), last];
  return {
    status: 200,
    headers: { "content-type": "application/x-ndjson" },
    body: all.map(writeGoNdjson).join(""),
  };
}
