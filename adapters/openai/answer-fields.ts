/** What an answer, or a chunk of one, says about itself and not of what was answered. */
export const ABOUT_ANSWER = [
  "id",
  "object",
  "created",
  "model",
  "system_fingerprint",
  "service_tier",
  "provider",
] as const;
