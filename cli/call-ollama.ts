import { suggest } from "../storage/suggest.ts";
import type { CommonArgs, Invocation } from "./command.ts";
import { reachable } from "./daemon.ts";
import { CliError } from "./exit-code.ts";
import { findHome, withStorage } from "./home.ts";
import { needRunning } from "./need-running.ts";
import { readSecrets } from "./read-secrets.ts";

/** The flags of commands that ask the daemon as an Ollama client would. */
export const ollamaArgs = {
  group: { type: "string", valueHint: "name", description: "The group to ask; default: default." },
  key: {
    type: "string",
    valueHint: "key",
    description: "A client key: env:NAME, file:PATH, or - for standard input; default: $CCPROXY_KEY.",
  },
} as const;

export interface OllamaFlags extends CommonArgs {
  group?: string;
  key?: string;
  compat?: boolean;
}

export interface OllamaRequest {
  path: string;
  body?: Record<string, unknown>;
  signal?: AbortSignal;
}

/** Asks the running daemon in Ollama's protocol. Throws what it refuses, with what helps. */
export async function callOllama(
  args: OllamaFlags,
  invocation: Invocation,
  { path, body, signal }: OllamaRequest,
): Promise<Response> {
  const { io } = invocation;
  const daemon = await needRunning(findHome(io, args));
  const prefix = `${args.group === undefined ? "" : `/${encodeURIComponent(args.group)}`}${args.compat ? "/compat" : ""}`;
  const key = args.key === undefined ? io.env["CCPROXY_KEY"] : await resolve(args.key, args, invocation);
  const response = await fetch(`${reachable(daemon.url)}${prefix}${path}`, {
    method: body === undefined ? "GET" : "POST",
    redirect: "manual",
    headers: {
      ...(key && { authorization: `Bearer ${key}` }),
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((error: Error) => {
    if (signal?.aborted) throw new CliError("interrupted", "interrupted", "run it again");
    throw new CliError(
      "daemon-unreachable",
      `${daemon.url}: ${error.message}`,
      "'ccproxy restart' starts it anew",
    );
  });
  if (!response.ok) throw await toFailure(response, args, invocation, body?.["model"]);
  return response;
}

async function resolve(key: string, args: CommonArgs, invocation: Invocation): Promise<string | undefined> {
  const [given = ""] = await readSecrets("key", [key], invocation.io);
  return withStorage(args, invocation, async ({ resolveKey }) => resolveKey(given));
}

async function toFailure(
  response: Response,
  args: OllamaFlags,
  invocation: Invocation,
  model: unknown,
): Promise<CliError> {
  const said = (await response.json().catch(() => ({}))) as { error?: unknown };
  const message = typeof said.error === "string" ? said.error : `the daemon answers with ${response.status}`;
  switch (response.status) {
    case 401:
    case 403:
      return new CliError(
        "unauthorised",
        message,
        "give a client key with --key env:NAME, or in CCPROXY_KEY",
      );
    case 404: {
      const names = await withStorage(args, invocation, async ({ config }) => {
        const { groups } = config.current;
        const isGroup = args.group !== undefined && message.includes("group '") && !(args.group in groups);
        return isGroup ? Object.keys(groups) : Object.keys(groups[args.group ?? "default"]?.models ?? {});
      }).catch((): string[] => []);
      const meant = suggest(String(model ?? args.group ?? ""), names) ?? suggest(args.group ?? "", names);
      const next = meant === undefined ? "'ccproxy list' shows what there is" : `did you mean "${meant}"?`;
      return new CliError("not-found", message, next);
    }
    default:
      return new CliError("provider-failed", message, "'ccproxy logs --failed' shows more");
  }
}
