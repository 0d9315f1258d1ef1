import { connect } from "node:net";

/**
 * One keep-alive connection of a client that spends next to nothing itself: requests are buffers made beforehand, of
 * answers only status, length and the first token are looked at.
 */
export function openConnection({ host, port }) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    let waiting;
    let reader;
    socket.once("connect", () => resolve({ request, close: () => socket.destroy() }));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("the connection was closed in the middle")));
    socket.on("data", (data) => {
      if (waiting && reader.read(data)) {
        const { resolve: done } = waiting;
        waiting = undefined;
        done(reader.result());
      }
    });

    function fail(error) {
      reject(error);
      waiting?.reject(error);
      waiting = undefined;
    }

    /** Resolves when the answer is complete. `onData` sees every piece of the body. */
    function request(buffer, { onData } = {}) {
      return new Promise((done, failed) => {
        if (socket.destroyed) return failed(new Error("the connection is closed"));
        waiting = { resolve: done, reject: failed };
        reader = createReader(onData);
        socket.write(buffer);
        return undefined;
      });
    }
  });
}

/** The bytes of a request. */
export function toBytes({ host, port }, { method = "POST", path, headers = {}, body }) {
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}:${port}`];
  const payload = body === undefined ? undefined : Buffer.from(body);
  const all = {
    accept: "*/*",
    ...(payload && { "content-type": "application/json", "content-length": payload.length }),
    ...headers,
  };
  for (const [name, value] of Object.entries(all)) lines.push(`${name}: ${value}`);
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  return payload ? Buffer.concat([head, payload]) : head;
}

/** Reads one answer; times are milliseconds since the request was written. */
function createReader(onData) {
  const began = performance.now();
  let head;
  let early = Buffer.alloc(0);
  let status = 0;
  let left;
  let tail = Buffer.alloc(0);
  let firstMs;
  let bytes = 0;

  function read(data) {
    if (head !== undefined) return readBody(data);
    early = early.length === 0 ? data : Buffer.concat([early, data]);
    const end = early.indexOf("\r\n\r\n");
    if (end === -1) return false;
    head = early.latin1Slice(0, end).toLowerCase();
    status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
    if (length !== undefined) left = Number(length);
    else if (!head.includes("\r\ntransfer-encoding: chunked"))
      left = status === 204 ? 0 : Number.POSITIVE_INFINITY;
    return readBody(early.subarray(end + 4));
  }

  function readBody(data) {
    bytes += data.length;
    if (data.length > 0) onData?.(data);
    if (firstMs === undefined && data.includes(FIRST_TOKEN)) firstMs = performance.now() - began;
    if (left !== undefined) {
      left -= data.length;
      return left <= 0;
    }
    tail =
      data.length >= END.length
        ? data.subarray(-END.length)
        : Buffer.concat([tail, data]).subarray(-END.length);
    return tail.equals(END) || (bytes === 5 && tail.equals(EMPTY));
  }

  return {
    read,
    result: () => ({
      status,
      head,
      chunked: left === undefined,
      firstMs,
      ms: performance.now() - began,
      bytes,
    }),
  };
}

const FIRST_TOKEN = " tok0";
const END = Buffer.from("\r\n0\r\n\r\n");
const EMPTY = Buffer.from("0\r\n\r\n");
