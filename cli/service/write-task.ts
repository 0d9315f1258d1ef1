import type { ServiceFacts } from "./write-unit.ts";

export const TASK = "ccproxy";

/** A task of the Windows scheduler, as it is imported: started at logon, hidden, and again when it fails. */
export const writeTask = ({ program, dir, configFile }: ServiceFacts): string => {
  const [file = "", ...flags] = program;
  const words = [...flags, "serve", "--config", configFile].map((word) => `"${word}"`).join(" ");
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>ccproxy, one local port for Ollama, OpenAI, Claude and Gemini clients</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger />
  </Triggers>
  <Principals>
    <Principal>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Hidden>true</Hidden>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>3</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>${escape(file)}</Command>
      <Arguments>${escape(words)}</Arguments>
      <WorkingDirectory>${escape(dir)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`;
};

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
