import { reachable } from "../daemon.ts";
import { CliError } from "../exit-code.ts";

export interface FirstAnswer {
  text: string;
  ms: number;
}

/** A first question to the daemon itself, as any client would ask it. Throws with what the daemon said. */
export async function askFirst(url: string, model: string): Promise<FirstAnswer> {
  const began = performance.now();
  const response = await fetch(`${reachable(url)}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: QUESTION }], max_tokens: 1000 }),
    redirect: "manual",
    signal: AbortSignal.timeout(45_000),
  });
  const body = (await response.json()) as {
    choices?: { message?: { content?: string } }[];
    error?: { message?: string };
  };
  const text = body.choices?.[0]?.message?.content?.trim();
  if (!response.ok || text === undefined)
    throw new CliError(
      "daemon-failed",
      body.error?.message ?? `the daemon answered with HTTP status ${response.status}`,
      "'ccproxy doctor' looks for what is wrong",
    );
  return { text: text.slice(0, 500), ms: Math.round(performance.now() - began) };
}

export const QUESTION = "Say hello in one short sentence.";
