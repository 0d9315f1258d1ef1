// The yardstick: the least that a proxy of node:http can be. Takes a request, sends it on, pipes the answer back.
import { Agent, createServer, request } from "node:http";

const [host, port] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

const server = createServer((req, res) => {
  const options = { host, port, agent, method: req.method, path: req.url, headers: { ...req.headers, host } };
  const onward = request(options, (answer) => {
    res.writeHead(answer.statusCode, answer.headers);
    answer.pipe(res);
  });
  onward.on("error", () => res.destroy());
  res.on("close", () => onward.destroy());
  req.pipe(onward);
});
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
process.on("disconnect", () => process.exit(0));
