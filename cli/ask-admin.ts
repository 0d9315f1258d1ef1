import { readSecretFile } from "../storage/secret-file.ts";
import { ask, askHealth, type Daemon } from "./daemon.ts";
import { CliError } from "./exit-code.ts";

export interface AdminQuestion {
  path: string;
  method?: string;
  body?: unknown;
  tokenFile: string;
}

/** Asks a running daemon what only its administrator may. The token goes to nobody but the process of the PID file. */
export async function askAdmin(
  { url, pid }: Pick<Daemon, "url" | "pid">,
  { path, method = "GET", body, tokenFile }: AdminQuestion,
): Promise<unknown> {
  const silent = (): never => {
    throw new CliError(
      "daemon-unreachable",
      `the daemon (pid ${pid}) does not answer on ${url}`,
      "'ccproxy logs' shows what it does, 'ccproxy restart' starts it again",
    );
  };
  if ((await askHealth(url))?.pid !== pid) silent();
  const token = readSecretFile(tokenFile);
  const headers: Record<string, string> = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { "content-type": "application/json" }),
  };
  const response = await ask(url, path, headers, method, body).catch(silent);
  if (response.status === 401 || response.status === 403) {
    throw new CliError(
      "unauthorised",
      `the daemon does not take the admin token in ${tokenFile}`,
      "'ccproxy restart' makes the two agree",
    );
  }
  if (response.status === 400) throw await toRefusal(response);
  if (!response.ok)
    throw new CliError(
      "daemon-failed",
      `the daemon answers ${path} with ${response.status}`,
      "'ccproxy logs' shows more",
    );
  return response.json();
}

/** What the daemon refuses, in its own words. */
async function toRefusal(response: Response): Promise<CliError> {
  const said = (await response.json().catch(() => ({}))) as { error?: unknown; kind?: unknown };
  const message = typeof said.error === "string" ? said.error : "the daemon refuses this";
  return said.kind === "not-found"
    ? new CliError("not-found", message, "'ccproxy model list' shows what there is")
    : new CliError("not-possible", message, "change what the message names");
}
