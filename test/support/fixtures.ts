import { readdirSync, readFileSync } from "node:fs";
import { adapters } from "../../adapters/index.ts";
import type { Adapter, Call, ClientFace } from "../../adapters/adapter.ts";
import type { Json } from "../../adapters/validate.ts";
import { createMatcher } from "../../server/match.ts";

export interface RequestFixture {
  name: string;
  protocol: string;
  /** Where a client would have sent it. */
  path: string;
  body: Json;
  face: ClientFace;
  call: Call;
}

const FIXTURES = new URL("../../fixtures/", import.meta.url);
const match = createMatcher(adapters);

/** File names in a folder of fixtures, sorted; none where there is no such folder. */
export function listFixtures(folder: string): string[] {
  try {
    return readdirSync(new URL(`${folder}/`, FIXTURES)).sort();
  } catch {
    return [];
  }
}

export const readFixture = (path: string): string => readFileSync(new URL(path, FIXTURES), "utf8");

/** Every request body of a protocol, with the call it would have come by. */
export function loadRequests({ protocol, client }: Adapter): RequestFixture[] {
  if (!client) return [];
  return listFixtures(`${protocol}/requests`)
    .filter((name) => name.endsWith(".json"))
    .map((name) => {
      const path = toPath(protocol, name);
      return {
        name: `${protocol}/${name}`,
        protocol,
        path,
        body: JSON.parse(readFixture(`${protocol}/requests/${name}`)) as Json,
        face: client,
        call: toCall(path),
      };
    });
}

/** The call that a POST to `path` is. */
export function toCall(path: string, headers: Record<string, string> = {}): Call {
  const { pathname, searchParams } = new URL(path, "http://host");
  const result = match("POST", pathname, searchParams, headers);
  if (!("found" in result)) throw new Error(`no route for ${path}`);
  return result.found.call;
}

/** A fixture's name says which of its protocol's routes it is for. */
function toPath(protocol: string, name: string): string {
  const [, path] = PATHS.find(([pattern]) => pattern.test(`${protocol}/${name}`)) ?? [];
  if (path === undefined) throw new Error(`no path for fixtures of ${protocol}`);
  return path;
}

/** First match counts. */
const PATHS: [RegExp, string][] = [
  [/^claude\/.*count-tokens/, "/v1/messages/count_tokens"],
  [/^claude\//, "/v1/messages"],
  [/^openai\/completion/, "/v1/completions"],
  [/^openai\//, "/v1/chat/completions"],
  [/^openai-responses\//, "/v1/responses"],
  [/^ollama\/generate/, "/api/generate"],
  [/^ollama\//, "/api/chat"],
  [/^gemini\/.*count/, "/v1beta/models/gemini-2.5-pro:countTokens"],
  [/^gemini\//, "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse"],
];
