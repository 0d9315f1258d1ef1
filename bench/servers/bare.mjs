// The least that a Node program with an HTTP port can be.
import { createServer } from "node:http";

createServer((_req, res) => res.writeHead(200, { "content-length": 2 }).end("ok")).listen(
  Number(process.argv[2]),
  "127.0.0.1",
);
