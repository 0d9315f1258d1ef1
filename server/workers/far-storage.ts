import type { StateStore, Storage } from "../../storage/types.ts";
import type { StoredResponses } from "../stored-responses.ts";
import type { Channel } from "./channel.ts";

/** A worker's storage: it reads the configuration and the secrets itself, and writes nothing. */
export function toFarStorage(storage: Storage, channel: Channel): Storage {
  const state: StateStore = {
    get: async <T>(key: string) => (await channel.ask("get", key)) as T | undefined,
    // The first process is told what was seen, and writes it.
    set: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    keys: (prefix = "") => channel.ask("keys", prefix),
  };
  return { ...storage, config: storage.config, state, records: state };
}

/** Answers that clients refer to, whichever process gave them. */
export function createFarResponses(channel: Channel): StoredResponses {
  return {
    find: (principal, id) => channel.ask("find", { principal, id }),
    keep: (principal, group, stored) => channel.tell("keep", { principal, group, stored }),
    remove: async (principal, id) => void (await channel.ask("remove", { principal, id })),
    settle: async () => void (await channel.ask("sync", null)),
  };
}
