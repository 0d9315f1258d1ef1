// A stand-in for a provider on raw TCP, with its answers made beforehand, so that it costs next to nothing.
// Settings come by message: { count, mode, batch, delayMs, firstMs }
//   burst: everything at once · paced: `batch` events every `delayMs` · either after `firstMs` of thinking
import { createServer } from "node:net";
import { createWire } from "../wire.mjs";

let settings = { count: 200, mode: "burst", batch: 10, delayMs: 0, firstMs: 0 };
let answers = createAnswers();

process.on("message", (message) => {
  settings = { ...settings, ...message };
  answers = createAnswers();
  process.send({ configured: true });
});
process.on("disconnect", () => process.exit(0));

const server = createServer({ noDelay: true }, serve);
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () =>
  process.send({ port: server.address().port }),
);

function createAnswers() {
  const { count, batch } = settings;
  return Object.fromEntries(
    Object.entries(createWire(count)).map(([protocol, { type, whole, events }]) => {
      const body = Buffer.from(JSON.stringify(whole));
      const frames = [];
      for (let at = 0; at < events.length; at += batch)
        frames.push(toChunk(events.slice(at, at + batch).join("")));
      const start = `HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n`;
      return [
        protocol,
        {
          whole: Buffer.concat([
            Buffer.from(`${start}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`),
            body,
          ]),
          head: Buffer.from(`${start}content-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`),
          frames,
        },
      ];
    }),
  );
}

function toChunk(text) {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

/** One connection: requests one after the other, read by their length. */
function serve(socket) {
  let parts = [];
  let have = 0;
  let need = 0;
  let busy = false;
  socket.on("error", () => socket.destroy());
  socket.on("data", (part) => {
    parts.push(part);
    have += part.length;
    next();
  });

  function next() {
    if (busy || have === 0 || have < need) return;
    const all = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    parts = [all];
    const headEnd = all.indexOf("\r\n\r\n");
    if (headEnd === -1) return;
    const head = all.latin1Slice(0, headEnd);
    const end = findEnd(all, head, headEnd + 4);
    if (end === undefined || have < end) {
      need = end ?? 0;
      return;
    }
    const rest = all.subarray(end);
    [parts, have, need, busy] = [rest.length > 0 ? [rest] : [], rest.length, 0, true];
    answer(socket, head, all.subarray(headEnd + 4, end), () => {
      busy = false;
      next();
    });
  }
}

/** Where a request ends; undefined: more of it must come before that can be said. */
function findEnd(all, head, bodyStart) {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return bodyStart + Number(length);
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return bodyStart;
  for (let at = bodyStart; ;) {
    const lineEnd = all.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(all.latin1Slice(at, lineEnd), 16);
    at = lineEnd + 2 + size + 2;
    if (at > all.length) return undefined;
    if (size === 0) return at;
  }
}

function answer(socket, head, body, done) {
  const path = head.slice(head.indexOf(" ") + 1, head.indexOf(" HTTP"));
  const protocol = PATHS.find(([part]) => path.includes(part))?.[1];
  if (protocol === undefined) {
    socket.write("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    return done();
  }
  const { whole, head: streamHead, frames } = answers[protocol];
  const after = (action) => (settings.firstMs > 0 ? setTimeout(action, settings.firstMs) : action());
  if (!wantsStream(protocol, path, body)) {
    after(() => {
      socket.write(whole);
      done();
    });
    return undefined;
  }
  after(() => {
    socket.write(streamHead);
    if (settings.mode === "burst") {
      // Each frame a write of its own: the reader decides how many it sees at once.
      for (const frame of frames) socket.write(frame);
      socket.write(LAST);
      return done();
    }
    return pace(socket, frames, done);
  });
  return undefined;
}

function pace(socket, frames, done) {
  let at = 0;
  const timer = setInterval(step, settings.delayMs);
  step();
  function step() {
    if (socket.destroyed) return clearInterval(timer);
    socket.write(frames[at++]);
    if (at < frames.length) return undefined;
    clearInterval(timer);
    socket.write(LAST);
    return done();
  }
}

function wantsStream(protocol, path, body) {
  if (protocol === "gemini") return path.includes(":streamGenerateContent");
  if (protocol === "ollama") return !STREAM_OFF.test(body.latin1Slice());
  return body.includes('"stream":true') || body.includes('"stream": true');
}

const PATHS = [
  ["/chat/completions", "openai"],
  ["/messages", "claude"],
  ["enerateContent", "gemini"],
  ["/api/chat", "ollama"],
];
const STREAM_OFF = /"stream": ?false/;
const LAST = Buffer.from("0\r\n\r\n");
