import { createTwoFilesPatch } from "diff";
import { isSecretName } from "../../storage/is-secret-name.ts";
import type { Change } from "./plan-setup.ts";

/** The change as a unified diff, for people: without carriage returns, and without secrets. */
export function showDiff({ path, was, text }: Change): string {
  const [from, to] = [was.exists ? path : "/dev/null", text === undefined ? "/dev/null" : path];
  const patch = createTwoFilesPatch(from, to, plain(was.text), plain(text ?? ""), "", "", { context: 3 });
  return patch
    .replace(/^(?:Index: .*\n)?=+\n/, "")
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
