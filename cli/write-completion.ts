export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that has the shell ask `ccproxy __complete` what may come next: names in the configuration among it. */
export const writeCompletion = (shell: Shell): string => SCRIPTS[shell];

const SCRIPTS: Record<Shell, string> = {
  bash: `# bash completion for ccproxy
_ccproxy() {
  local cur words cword line
  if declare -F _get_comp_words_by_ref >/dev/null; then
    # Models have colons in their names, at which bash parts words.
    _get_comp_words_by_ref -n : cur words cword
  else
    words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD cur=\${COMP_WORDS[COMP_CWORD]}
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(ccproxy __complete -- "\${words[@]:1:cword}" 2>/dev/null)
  if declare -F __ltrim_colon_completions >/dev/null; then
    __ltrim_colon_completions "$cur"
  fi
}
complete -o default -F _ccproxy ccproxy
`,
  zsh: `#compdef ccproxy
# zsh completion for ccproxy
_ccproxy() {
  local -a found
  local line
  while IFS= read -r line; do
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(ccproxy __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then
    _describe ccproxy found
  else
    _files
  fi
}
if [ "\${funcstack[1]}" = "_ccproxy" ]; then
  _ccproxy "$@"
else
  compdef _ccproxy ccproxy
fi
`,
  fish: `# fish completion for ccproxy
function __ccproxy_complete
    set -l words (commandline -opc) (commandline -ct)
    ccproxy __complete -- $words[2..-1] 2>/dev/null
end
complete -c ccproxy -f -a '(__ccproxy_complete)'
`,
  powershell: `# PowerShell completion for ccproxy
Register-ArgumentCompleter -Native -CommandName ccproxy -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '""' }
  ccproxy __complete -- @words 2>$null | ForEach-Object {
    $name, $text = $_ -split "\`t", 2
    if (-not $text) { $text = $name }
    [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $text)
  }
}
`,
};
