import { ConfigRefused } from "./config-refused.ts";
import { toMessage } from "./config.ts";
import { withFileLock } from "./file-lock.ts";
import { readConfig } from "./read-config.ts";
import { createSafeFile } from "./safe-file.ts";

/**
 * Puts a whole text in the place of the configuration file: comments there are none in JSON, but order and spaces stay
 * as they are given. Throws `ConfigRefused` for a text that cannot be used, and when the file is no longer `before`.
 */
export async function replaceConfig(
  path: string,
  text: string,
  { before }: { before: string | null },
): Promise<void> {
  const { config, problems } = await readConfig(text);
  if (!config) throw new ConfigRefused(toMessage(problems), problems);
  await withFileLock(`${path}.lock`, async () => {
    const file = createSafeFile(path);
    const now = await file.read();
    if (now.text !== before || !(await file.write(text, now.stamp)))
      throw new ConfigRefused(`${path} was changed by somebody else in the meantime`);
  });
}
