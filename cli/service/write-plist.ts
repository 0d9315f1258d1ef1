import type { ServiceFacts } from "./write-unit.ts";

export const LABEL = "dev.ccproxy.daemon";

/** A launchd agent: started at login, and again when it fails. */
export const writePlist = ({
  program,
  dir,
  configFile,
  logFile,
}: ServiceFacts): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${[...program, "serve", "--config", configFile].map((word) => `    <string>${escape(word)}</string>`).join("\n")}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>CCPROXY_HOME</key>
    <string>${escape(dir)}</string>
  </dict>
  <key>WorkingDirectory</key>
  <string>${escape(dir)}</string>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>20</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  <string>${escape(logFile)}</string>
  <key>StandardErrorPath</key>
  <string>${escape(logFile)}</string>
</dict>
</plist>
`;

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
