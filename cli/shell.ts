import type { Io } from "./io.ts";

export const SHELLS = ["sh", "bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof SHELLS)[number];

/** The user's shell, as far as the environment tells. */
export function findShell({ env }: Pick<Io, "env">, platform = process.platform): Shell {
  const name = /[^/\\]*$/.exec(env["SHELL"] ?? "")?.[0].replace(/\.exe$/, "");
  if (name === "fish" || name === "zsh" || name === "bash") return name;
  return platform === "win32" && !env["SHELL"] ? "powershell" : "sh";
}

/** A line that sets a variable, or, with null, takes it away. */
export function setVariable(shell: Shell, name: string, value: string | null): string {
  switch (shell) {
    case "sh":
    case "bash":
    case "zsh":
      return value === null ? `unset ${name}` : `export ${name}=${quote(value)}`;
    case "fish":
      return value === null ? `set -e ${name}` : `set -gx ${name} '${value.replaceAll(/[\\']/g, "\\$&")}'`;
    case "powershell":
      return value === null
        ? `Remove-Item Env:${name} -ErrorAction SilentlyContinue`
        : `$Env:${name} = '${value.replaceAll("'", "''")}'`;
  }
}

/**
 * Functions for the shell's own start file: `ccuse <group>` points this shell at a group, `ccoff` takes that back.
 * They take the flags of `ccproxy env`.
 */
export function shellFunctions(shell: Shell, names: readonly string[]): string[] {
  switch (shell) {
    case "sh":
    case "bash":
    case "zsh":
      return [
        "ccuse() {",
        '  if [ $# -eq 0 ]; then echo "usage: ccuse <group> [--compat]" >&2; return 2; fi',
        "  ccproxy_group=$1; shift",
        `  ccproxy_lines=$(ccproxy env --shell ${shell} --group "$ccproxy_group" "$@") || return`,
        '  eval "$ccproxy_lines"; unset ccproxy_lines ccproxy_group',
        "}",
        `ccoff() { unset ${names.join(" ")}; }`,
      ];
    case "fish":
      return [
        "function ccuse",
        '    if test (count $argv) -eq 0; echo "usage: ccuse <group> [--compat]" >&2; return 2; end',
        "    set -l lines (ccproxy env --shell fish --group $argv); or return",
        "    string join \\n -- $lines | source",
        "end",
        `function ccoff; set -e ${names.join(" ")}; end`,
      ];
    case "powershell":
      return [
        "function ccuse {",
        "  if ($args.Count -eq 0) { Write-Error 'usage: ccuse <group> [--compat]'; return }",
        "  $lines = ccproxy env --shell powershell --group @args",
        '  if ($LASTEXITCODE -eq 0) { $lines -join "`n" | Invoke-Expression }',
        "}",
        `function ccoff { Remove-Item ${names.map((name) => `Env:${name}`).join(", ")} -ErrorAction SilentlyContinue }`,
      ];
  }
}

/** Words as one line that a POSIX shell takes apart again. */
export const commandLine = (words: readonly string[]): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word))).join(" ");

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
