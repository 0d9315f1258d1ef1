import { expect } from "vitest";

interface NativeError {
  type?: string;
  error: Record<string, unknown> & string;
}

/** The message of an error, which must have the shape of the caller's protocol. */
export function readNativeError(
  protocol: string,
  { status, text }: { status: number; text: string },
): string {
  // gin answers unknown routes and methods in plain text, so does Ollama.
  if (protocol === "ollama" && [404, 405].includes(status) && /^40[45] /.test(text)) return text;
  const parsed = JSON.parse(text) as NativeError | [NativeError];
  // Gemini's streams without alt=sse are arrays, errors included.
  const body = Array.isArray(parsed) ? parsed[0] : parsed;
  if (protocol === "ollama") {
    expect(body).toMatchObject({ error: expect.any(String) as string });
    return body.error;
  }
  expect(body.error).toMatchObject({ message: expect.any(String) as string });
  if (protocol === "claude") {
    expect([body.type, typeof body.error.type]).toEqual(["error", "string"]);
  } else if (protocol === "gemini") {
    expect([body.error.code, String(body.error.status)]).toEqual([
      status,
      expect.stringMatching(/^[A-Z_]+$/),
    ]);
  } else {
    expect(Object.keys(body.error).sort()).toEqual(["code", "message", "param", "type"]);
  }
  return String(body.error.message);
}
