import { checkGroup, type Report } from "./check-group.ts";
import { toPointer } from "./json-position.ts";
import { toHint } from "./suggest.ts";
import type { Config, ConfigProblem, ProviderConfig } from "./types.ts";

export interface ConfigFindings {
  problems: ConfigProblem[];
  warnings: ConfigProblem[];
}

/** What the schema cannot say, of a configuration that fits the schema and has its defaults. */
export function checkConfig(config: Config): ConfigFindings {
  const findings: ConfigFindings = { problems: [], warnings: [] };
  const refuse: Report = (path, message) => findings.problems.push(toProblem(path, message));
  const warn: Report = (path, message) => findings.warnings.push(toProblem(path, message));

  for (const [index, origin] of (config.server.origins ?? []).entries()) {
    if (!isOrigin(origin))
      refuse(["server", "origins", index], `expected an origin such as https://app.example, got "${origin}"`);
  }
  for (const [index, host] of (config.server.hosts ?? []).entries()) {
    if (/[/@\s]/.test(host))
      refuse(["server", "hosts", index], `expected a host name without scheme or path, got "${host}"`);
  }
  for (const [id, provider] of Object.entries(config.providers)) checkProvider(id, provider, refuse);
  checkGroupNames(config, refuse);
  for (const [name, group] of Object.entries(config.groups))
    checkGroup(config, name, group, { refuse, warn });
  // No group at all is fine: "default" then has nothing but the demo.
  if (config.activeGroup !== "default" && !findGroup(config, config.activeGroup)) {
    refuse(
      ["activeGroup"],
      `there is no group "${config.activeGroup}"${toHint(config.activeGroup, Object.keys(config.groups))}`,
    );
  }
  for (const [id, key] of Object.entries(config.keys)) {
    if (!KEY_ID.test(id))
      refuse(["keys", id], 'expected an id such as "k_3f9c1a2b" (letters and digits after k_)');
    if (!/^[0-9a-f]{64}$/i.test(key.hash))
      refuse(["keys", id, "hash"], "expected 64 hexadecimal digits; make keys with 'ccproxy key add'");
    for (const field of ["createdAt", "expiresAt"] as const) {
      const date = key[field];
      if (date !== undefined && Number.isNaN(Date.parse(date)))
        refuse(["keys", id, field], `expected an ISO date, got "${date}"`);
    }
    for (const [index, address] of (key.addresses ?? []).entries()) {
      if (!ADDRESS.test(address))
        refuse(
          ["keys", id, "addresses", index],
          `expected an address or a network such as 192.168.1.0/24, got "${address}"`,
        );
    }
    for (const [index, group] of (key.groups ?? []).entries()) {
      if (!findGroup(config, group))
        warn(
          ["keys", id, "groups", index],
          `there is no group "${group}"${toHint(group, Object.keys(config.groups))}`,
        );
    }
  }
  return findings;
}

/** Why a group cannot have this name; undefined when it can. */
function refuseGroupName(name: string): string | undefined {
  if (RESERVED.has(name.toLowerCase()))
    return `"${name}" is a word of the paths themselves; a group needs another name`;
  if (GROUP_NAME.test(name)) return undefined;
  return `"${name}" cannot be a group's name: 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit`;
}

function checkProvider(id: string, provider: ProviderConfig, refuse: Report): void {
  const at = ["providers", id];
  if (!PROVIDER_ID.test(id))
    refuse(at, 'a provider\'s name has letters, digits, ".", "_" or "-", and no "/"');
  const url = refuseUrl(provider.baseUrl);
  if (url) refuse([...at, "baseUrl"], url);
  const proxy = provider.proxy === undefined ? undefined : refuseUrl(provider.proxy);
  if (proxy) refuse([...at, "proxy"], proxy);
  for (const [index, key] of (provider.keys ?? []).entries()) {
    const wrong = refuseKey(key);
    if (wrong) refuse([...at, "keys", index], wrong);
  }
  for (const [index, key] of (provider.disabledKeys ?? []).entries()) {
    const wrong = refuseKey(key);
    if (wrong) refuse([...at, "disabledKeys", index], wrong);
  }
  for (const [name, value] of Object.entries(provider.headers ?? {})) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) refuse([...at, "headers", name], "not a header name");
    // Control characters would let a value end the header and begin another one.
    if ([...value].some((char) => char < " " && char !== "\t"))
      refuse([...at, "headers", name], "a header's value has no line breaks");
  }
}

/** URLs may hold a password: the message does not repeat them. */
function refuseUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return "expected a URL such as https://api.example.com/v1";
  const { protocol } = new URL(text);
  if (protocol === "http:" || protocol === "https:") return undefined;
  // Without slashes, what stands before the colon is a user's name.
  const got = text.startsWith(`${protocol}//`) ? `, got ${protocol}` : "";
  return `expected a http:// or https:// URL${got}`;
}

function refuseKey(key: string): string | undefined {
  if (key.startsWith("env:")) {
    return /^env:[A-Za-z_]\w*$/.test(key)
      ? undefined
      : "expected env: and the name of an environment variable";
  }
  if (key.startsWith("file:")) return key.length > 5 ? undefined : "expected file: and a path";
  // The value is a secret, so it is not shown.
  return /^[\x21-\x7e]+$/.test(key) ? undefined : "a key has no spaces, line breaks or letters beyond ASCII";
}

function checkGroupNames(config: Config, refuse: Report): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(config.groups)) {
    const wrong = refuseGroupName(name);
    if (wrong) refuse(["groups", name], wrong);
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined)
      refuse(["groups", name], `"${name}" and "${twin}" are the same group: case does not count`);
    seen.set(name.toLowerCase(), name);
  }
}

function findGroup(config: Config, name: string): string | undefined {
  return Object.keys(config.groups).find((known) => known.toLowerCase() === name.toLowerCase());
}

function isOrigin(text: string): boolean {
  // Editors have schemes of their own (vscode-webview://…), for which URL knows no origin.
  return /^[a-z][a-z0-9+.-]*:\/\/[^/\s?#]+$/i.test(text);
}

const toProblem = (path: (string | number)[], message: string): ConfigProblem => {
  const pointer = toPointer(path);
  return { pointer, message: `${pointer}: ${message}` };
};

const GROUP_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/i;
const PROVIDER_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/i;
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f.]*:[\da-f:.]*)(?:\/\d{1,3})?$/i;
const KEY_ID = /^k_[0-9a-z]{1,32}$/i;
const RESERVED = new Set(
  "switch compat compat_mode api v1 v1beta mcp console admin health ready status metrics".split(" "),
);
