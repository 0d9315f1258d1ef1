import type { Config, Limits } from "../../storage/types.ts";
import type { Allowances } from "./allowances.ts";
import { toOwner } from "./take-lease.ts";

export interface Limited {
  /** `openrouter#2`, or a client key's id. */
  name: string;
  limit: keyof Limits;
  remainingMs: number;
}

/** The keys that have used up one of their limits. */
export function listLimited(allowances: Allowances, { providers, keys }: Config): Limited[] {
  const look = (name: string, owner: string, limits: Limits | undefined): Limited[] => {
    const blocked = limits && allowances.blocked(owner, limits, () => 1);
    return blocked ? [{ name, limit: blocked.limit, remainingMs: blocked.ms }] : [];
  };
  return [
    ...Object.entries(providers).flatMap(([id, { keys: secrets = [], limits }]) => {
      const names = secrets.length === 0 ? [id] : secrets.map((_, index) => `${id}#${index + 1}`);
      return names.flatMap((name) => look(name, toOwner(name), limits));
    }),
    ...Object.entries(keys).flatMap(([id, { limits }]) => look(id, toClientOwner(id), limits)),
  ];
}

/** What a client key is called among all owners of limits. */
export const toClientOwner = (id: string): string => `key ${id}`;
