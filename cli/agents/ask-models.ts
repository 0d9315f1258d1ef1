import { CliError } from "../exit-code.ts";

export interface Models {
  names: readonly string[];
  /** Whether a name is served, listed or not. */
  has: (model: string) => Promise<boolean>;
}

/** What a group serves; throws if it does not answer, or not to this key. */
export async function askModels(base: string, key: string): Promise<Models> {
  const body = (await (await ask(base, "/v1/models", key)).json()) as { data?: { id?: unknown }[] } | null;
  const names = (body?.data ?? []).flatMap(({ id }) => (typeof id === "string" ? [id] : []));
  return {
    names,
    has: async (model) =>
      names.includes(model) ||
      (await ask(base, `/v1/models/${model.split("/").map(encodeURIComponent).join("/")}`, key, [404])).ok,
  };
}

async function ask(base: string, path: string, key: string, fine: number[] = []): Promise<Response> {
  // Providers' own lists may have to be asked for.
  const signal = AbortSignal.timeout(15_000);
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(base + path, { headers, redirect: "manual", signal }).catch((error: Error) => {
    throw new CliError(
      "daemon-unreachable",
      `${base} does not answer: ${error.message}`,
      "'ccproxy status' shows whether the daemon runs",
    );
  });
  if (response.ok || fine.includes(response.status)) return response;
  const message = await readMessage(response);
  if (response.status === 401 || response.status === 403)
    throw new CliError(
      "unauthorised",
      `${base} does not take the client key: ${message}`,
      "give one with --key env:NAME or in CCPROXY_KEY; 'ccproxy key list' shows which there are",
    );
  throw new CliError(
    "daemon-failed",
    `${base}${path} answers ${response.status}: ${message}`,
    "'ccproxy logs' shows more",
  );
}

async function readMessage(response: Response): Promise<string> {
  const body = (await response.json().catch(() => undefined)) as
    | { error?: { message?: unknown } }
    | undefined;
  return String(body?.error?.message ?? response.statusText);
}
