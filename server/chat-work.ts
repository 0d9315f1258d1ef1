import type { WriteContext } from "../adapters/adapter.ts";
import type { UnifiedRequest } from "../adapters/unified.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { Answer } from "./answer.ts";
import type { Exchange } from "./exchange.ts";
import type { JoinedWrites } from "./joined-writes.ts";
import type { ShortText } from "./known-tools.ts";
import type { Body } from "./read-body.ts";

/** What every way of serving a chat starts from. */
export interface ChatWork {
  exchange: Exchange;
  /** The body as it came, for the pass-through. */
  text: string;
  /** The same as bytes, where every letter of it is one. Whoever changes them takes them away. */
  received?: Body;
  /** The text without tools that many requests have in common. */
  short?: ShortText;
  body: unknown;
  /** The body is more than the text: answers kept here were put in. */
  rewritten: boolean;
  request: UnifiedRequest;
  context: WriteContext;
  group: string;
  /** The model's name without its group. */
  alias: string;
  /** The group's changes do not apply: there is no conversation to change. */
  untouched: boolean;
  answer: Answer;
  /** Where its bytes go, if the client asked for a stream. */
  stream?: JoinedWrites;
  /** Warnings for the client, as header values; filled before the head is sent. */
  warnings: string[];
  /** Ends the keep-alives: from here on bytes go out that may be half an event. */
  stopWaiting: () => void;
  /** The answer has begun so far that no other provider may be tried any more. */
  begun: () => void;
}

/** The candidate speaks another protocol than the client. */
export const isForeign = (work: ChatWork, candidate: Candidate): boolean =>
  candidate.provider.protocol !== work.exchange.adapter.protocol;
