import type { Principal } from "./auth.ts";

/**
 * Who asked for the answers that providers keep under ids of their own: all client keys share the provider's key, so
 * the provider would show any of them to any client that knows its id.
 */
export interface AnswerOwners {
  note: (principal: Principal, id: string) => void;
  /** The answer is known to be another key's. */
  isOthers: (principal: Principal, id: string) => boolean;
  /** The answer is known to be the caller's own. */
  isOwn: (principal: Principal, id: string) => boolean;
}

export function createAnswerOwners(most = 50_000): AnswerOwners {
  const owners = new Map<string, string>();
  return {
    note({ keyId }, id) {
      if (keyId === undefined) return;
      owners.delete(id);
      if (owners.size >= most) owners.delete(owners.keys().next().value ?? "");
      owners.set(id, keyId);
    },
    isOthers: ({ keyId }, id) => owners.has(id) && owners.get(id) !== keyId,
    isOwn: ({ keyId }, id) => keyId !== undefined && owners.get(id) === keyId,
  };
}
