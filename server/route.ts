import type { UnifiedRequest } from "../adapters/unified.ts";
import { hashConversation } from "../routing/conversation.ts";
import type { Plan } from "../routing/plan.ts";
import type { ProviderConfig } from "../storage/types.ts";
import type { Exchange } from "./exchange.ts";
import { hasImages } from "./has-images.ts";

/** Who is asked for a chat, by the group's rules and aliases. Throws `not-found` and `unavailable`. */
export function routeChat(
  { deps, meter, principal }: Exchange,
  request: UnifiedRequest,
  {
    group,
    alias,
    body,
    prefers,
  }: {
    group: string;
    alias: string;
    body: unknown;
    prefers?: ((provider: ProviderConfig) => boolean) | undefined;
  },
): Plan {
  const router = deps.router();
  return router.plan(group, {
    model: alias,
    tokens: meter.tokens,
    thinking: request.thinking?.mode === "on",
    tools: Boolean(request.tools?.length),
    images: () => request.messages.some(hasImages),
    body,
    conversation: () => hashConversation(request),
    direct: principal.direct === true,
    prefers,
  });
}
