import { isSecretName } from "./is-secret-name.ts";

/** A URL as it may be shown: without its user, password and the keys in its query. */
export function maskUrl(text: string): string {
  // What is no URL is not shown at all: nobody knows where in it a password stands.
  if (!URL.canParse(text)) return "****";
  const url = new URL(text);
  if (url.username === "" && url.password === "" && url.search === "") return text;
  url.username = url.username && "****";
  url.password = url.password && "****";
  const names = Array.from(url.searchParams.keys()).filter(isSecretName);
  for (const name of names) url.searchParams.set(name, "****");
  return url.href;
}
