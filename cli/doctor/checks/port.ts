import { describeHolder, toAdvice } from "../../../server/port-taken.ts";
import { fail, ok, warn, type Check } from "../check.ts";

export const port: Check = {
  id: "port",
  title: "The port is ours, or free",
  fix: "stop who holds it, or choose another: ccproxy start --port <number>",
  async run({ holder, address, daemon }) {
    const { host, port: number } = await address();
    const [held, running] = await Promise.all([holder(), daemon()]);
    if (held && running && held.pid === running.pid) return ok(`${number}, held by the daemon`);
    if (!held) return ok(`${number} is free`);
    const message = `${number} on ${host} is held by ${describeHolder(held)}`;
    const elsewhere = running && new URL(running.url).port !== String(number);
    return elsewhere
      ? warn(`${message}; the daemon runs on ${running.url}`, `clients must be given ${running.url}`)
      : fail(message, toAdvice(held, number));
  },
};
