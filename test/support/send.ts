import { request as httpRequest } from "node:http";

export interface Sent {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** `performance.now()` when the head came. */
  headAt: number;
  /** The body as it came: one item per chunk of the transfer. */
  chunks: string[];
}

/** A request with exactly these headers, whose redirects are not followed. `body`: a value is sent as JSON. */
export function send(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const chunks: string[] = [];
    const text = body === undefined || typeof body === "string" ? (body ?? "") : JSON.stringify(body);
    // Node gives no length by itself where a method seldom has a body (DELETE).
    const length = text === "" ? {} : { "content-length": Buffer.byteLength(text) };
    const outgoing = httpRequest(url, { method, headers: { ...length, ...headers } }, (response) => {
      const headAt = performance.now();
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string>,
          headAt,
          text: chunks.join(""),
          chunks,
        }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}
