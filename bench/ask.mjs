import { openConnection, toBytes } from "./connection.mjs";

/** One request on a connection of its own, with the whole answer as text. */
export async function ask(address, request) {
  const connection = await openConnection(address);
  const timer = setTimeout(connection.close, PATIENCE_MS);
  const parts = [];
  try {
    const result = await connection.request(toBytes(address, request), {
      onData: (part) => parts.push(part),
    });
    const raw = Buffer.concat(parts);
    return { ...result, text: (result.chunked ? joinChunks(raw) : raw).toString("utf8") };
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}

function joinChunks(raw) {
  const parts = [];
  for (let at = 0; at < raw.length;) {
    const lineEnd = raw.indexOf("\r\n", at);
    const size = Number.parseInt(raw.latin1Slice(at, lineEnd), 16);
    if (!Number.isInteger(size)) throw new Error("the answer's chunks cannot be read");
    if (size === 0) break;
    parts.push(raw.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

const PATIENCE_MS = 20_000;
