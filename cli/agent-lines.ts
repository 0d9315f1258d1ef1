/** How each agent is started through the daemon: a line to copy. */
export function toAgentLines(url: string): string[] {
  const rows = [
    ["Claude Code", "ccproxy launch claude"],
    ["Codex", "ccproxy launch codex"],
    ["Gemini CLI", "ccproxy launch gemini"],
    ["opencode", "ccproxy launch opencode"],
    ["Qwen Code", "ccproxy launch qwen"],
    ["Ollama apps", `OLLAMA_HOST=${url}`],
    ["anything else", 'eval "$(ccproxy env)"'],
  ];
  return rows.map(([name = "", line = ""]) => `${name.padEnd(13)}  ${line}`);
}
