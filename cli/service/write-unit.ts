export interface ServiceFacts {
  /** The program with its arguments up to the command. */
  program: readonly string[];
  /** $CCPROXY_HOME. */
  dir: string;
  configFile: string;
  logFile: string;
}

/** A systemd user unit: started at login, and again when it fails; it may write to its own folder alone. */
export const writeUnit = ({ program, dir, configFile }: ServiceFacts): string => `[Unit]
Description=ccproxy, one local port for Ollama, OpenAI, Claude and Gemini clients

[Service]
Type=simple
ExecStart=${[...program, "serve", "--config", configFile].map(toWord).join(" ")}
Environment=${quote(`CCPROXY_HOME=${dir}`)}
# NAME=value lines for the variables that provider keys are read from (env:NAME).
EnvironmentFile=-${escape(dir)}/service.env
WorkingDirectory=${escape(dir)}
Restart=on-failure
RestartSec=2
# Running answers are finished before it ends.
TimeoutStopSec=20
# A port that is taken and a wrong configuration are not mended by starting again.
RestartPreventExitStatus=3 4
UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${quote(dir)}
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
MemoryMax=1G

[Install]
WantedBy=default.target
`;

/** A word of a command, where dollars mean something, too. */
const toWord = (text: string): string => quote(text.replaceAll("$", "$$$$"));

/** As systemd reads it: percent signs mean something there. */
const escape = (text: string): string => text.replaceAll("%", "%%");

const quote = (text: string): string => {
  const safe = escape(text);
  return /^[\w@%+=:,./$-]+$/.test(safe) ? safe : `"${safe.replaceAll(/["\\]/g, "\\$&")}"`;
};
