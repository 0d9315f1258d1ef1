import { isSecretName } from "../../storage/is-secret-name.ts";
import { writeDiff } from "../write-diff.ts";
import type { Change } from "./plan-setup.ts";

/** The change as a unified diff, for people: without carriage returns, and without secrets. */
export function showDiff({ path, was, text }: Change): string {
  const [from, to] = [was.exists ? path : "/dev/null", text === undefined ? "/dev/null" : path];
  return writeDiff({ name: from, text: plain(was.text) }, { name: to, text: plain(text ?? "") })
    .split("\n")
    .map(maskLine)
    .join("\n");
}

const plain = (text: string): string => text.replaceAll("\r\n", "\n");

/** `"apiKey": "…"`, `api_key = "…"`, `API_KEY=…`, `apiKey: …`: the value of what is named like a secret. */
const maskLine = (line: string): string =>
  line.replaceAll(NAMED, (whole, before: string, name: string, middle: string, value: string) =>
    isSecretName(name) && !/^(?:true|false|null|\d+)$/.test(value)
      ? `${before}${name}${middle}${/^["']?/.exec(value)?.[0] ?? ""}${MASK}${/["']?$/.exec(value)?.[0] ?? ""}`
      : whole,
  );

const NAMED = /(["']?)([\w.-]+)(\1\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'{[,][^\s,}]*)/g;
const MASK = "****";
