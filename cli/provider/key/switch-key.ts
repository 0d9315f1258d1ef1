import type { Invocation, CommonArgs } from "../../command.ts";
import { withStorage } from "../../home.ts";
import { print } from "../../print.ts";
import { findProviderKey, openProvider } from "./find-provider-key.ts";
import { setKeys } from "./set-keys.ts";

interface Switched {
  provider: string;
  key: string;
}

/** Has a provider's key used or kept unused; one that is so already is left in its place. */
export const switchKey = (
  args: CommonArgs & Switched,
  invocation: Invocation,
  enabled: boolean,
): Promise<void> =>
  withStorage(args, invocation, async ({ config }) => {
    const words = enabled
      ? { done: "is used again", before: "is in use already" }
      : { done: "is no longer used", before: "is off already" };
    let [id, shown, said] = [args.provider, "", words.done];
    await config.update((draft) => {
      const { id: name, provider } = openProvider(draft, args.provider);
      const found = findProviderKey(name, provider, args.key);
      [id, shown] = [name, found.shown];
      if (found.enabled === enabled) {
        said = words.before;
        return;
      }
      const without = (keys: string[] = []): string[] => keys.filter((key) => key !== found.key);
      const [used, unused] = [without(provider.keys), without(provider.disabledKeys)];
      (enabled ? used : unused).push(found.key);
      setKeys(provider, used, unused);
    });
    print(args, invocation, { provider: id, key: shown, enabled }, []);
    invocation.io.stderr(`${id}: ${shown} ${said}\n`);
    if (!enabled && !config.current.providers[id]?.keys?.length)
      invocation.io.stderr(`warning: ${id} has no other key, so it is not asked any more\n`);
  });
