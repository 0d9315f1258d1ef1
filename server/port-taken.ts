/** The error for a port that is taken, saying by whom as far as it can be asked. */
export async function portTaken(host: string, port: number, cause: unknown): Promise<Error> {
  const holder = await askHolder(host, port);
  const message = `port ${port} on ${host} is taken by ${holder}. Stop it, or start ccproxy on another port with --port.`;
  return Object.assign(new Error(message, { cause }), { code: "EADDRINUSE" });
}

async function askHolder(host: string, port: number): Promise<string> {
  const base = `http://${host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host}:${port}`;
  const ask = async (path: string): Promise<string> => {
    const response = await fetch(base + path, { signal: AbortSignal.timeout(1000), redirect: "manual" });
    return (await response.text()).slice(0, 500);
  };
  try {
    const health = await ask("/health");
    const pid = /"pid":(\d+)/.exec(health)?.[1];
    if (health.includes('"status":"ok"') && pid)
      return `another ccproxy (pid ${pid}); 'ccproxy status' shows it`;
    const version = /"version":"([\w.-]+)"/.exec(await ask("/api/version"))?.[1];
    return version ? `an Ollama (version ${version})` : "another program";
  } catch {
    return "another program";
  }
}
