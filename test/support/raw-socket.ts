import { connect } from "node:net";

/** What a server says to these very bytes, until it closes or has said nothing more for `quietMs`. */
export function sendRaw(
  url: string,
  bytes: string | Buffer | (string | Buffer)[],
  quietMs = 150,
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(Number(port), hostname);
    const done = (): void => {
      clearTimeout(quiet);
      socket.destroy();
      resolve(said);
    };
    const quiet = setTimeout(done, quietMs);
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      said += String(text);
      quiet.refresh();
    });
    socket.on("error", () => undefined);
    socket.on("close", done);
    for (const piece of [bytes].flat()) socket.write(piece);
  });
}

/** The status lines in what a server said. */
export const statuses = (said: string): number[] =>
  [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
