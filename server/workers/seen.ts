import type { Deps } from "../deps.ts";
import type { Seen } from "./messages.ts";

type Sharing = Pick<Deps, "health" | "limits" | "callSignatures" | "answerOwners">;

/** Tells what this process sees, and takes over what others saw. */
export interface Sight {
  parts: Sharing;
  adopt: (seen: Seen) => void;
}

/** Wraps what a process knows, so that `tell` gets all that is new to it. */
export function shareSight(own: Sharing, tell: (seen: Seen) => void): Sight {
  const { health, limits, callSignatures, answerOwners } = own;
  health.onEdit((edits) => tell({ what: "health", edits }));
  return {
    parts: {
      health,
      limits: {
        ...limits,
        learn(feature, providerId, model) {
          limits.learn(feature, providerId, model);
          tell({ what: "learned", feature, providerId, model });
        },
      },
      callSignatures: {
        ...callSignatures,
        remember(events) {
          callSignatures.remember(events);
          const calls = events.flatMap((event) =>
            event.type === "tool-start" && event.signature && event.id
              ? [{ id: event.id, signature: event.signature }]
              : [],
          );
          if (calls.length > 0) tell({ what: "signatures", calls });
        },
      },
      answerOwners: {
        ...answerOwners,
        note(principal, id) {
          answerOwners.note(principal, id);
          if (principal.keyId !== undefined) tell({ what: "owner", keyId: principal.keyId, id });
        },
      },
    },
    adopt(seen) {
      switch (seen.what) {
        case "health":
          return health.adopt(seen.edits);
        case "learned":
          return limits.learn(seen.feature, seen.providerId, seen.model);
        case "signatures":
          return callSignatures.remember(
            seen.calls.map(({ id, signature }) => ({
              type: "tool-start",
              index: 0,
              id,
              name: "",
              signature,
            })),
          );
        case "owner":
          return answerOwners.note({ keyId: seen.keyId }, seen.id);
        default:
          return seen satisfies never;
      }
    },
  };
}
