import type { ServerResponse } from "node:http";
import type {
  ChoicesFace,
  ChoicesWriter,
  ClientFace,
  SentStream,
  StreamWriter,
  WriteContext,
} from "../adapters/adapter.ts";
import type { GatewayError } from "../adapters/errors.ts";
import { createFold, type Fold } from "../adapters/fold.ts";
import type { StreamEvent } from "../adapters/unified.ts";
import { createCommitPoint } from "./commit-point.ts";
import { joinHeaders } from "./join-headers.ts";
import type { JoinedWrites } from "./joined-writes.ts";
import { sendBody } from "./send-body.ts";

/** The client's side of one chat: takes events and sends them in the client's protocol, streamed or whole. */
export interface Answer {
  /** A provider is about to be asked: what one before it began to say, unsent, is forgotten. */
  begin: () => void;
  /**
   * Returns false when the client reads slower than the provider writes. `choice`: which of several answers to the
   * request the events are of, from 0.
   */
  take: (events: StreamEvent[], choice?: number) => boolean;
  /** Everything was taken. Throws what makes a full answer impossible. */
  finish: () => void;
  /** Ends a stream that already began with its protocol's error. `sent`: what went past the writer. */
  fail: (error: GatewayError, sent?: SentStream) => void;
  /** Keeps a waiting client patient, where its protocol has something for that. */
  keepAlive: () => void;
  /** Something of the answer has been sent: no other provider may be tried any more. */
  isCommitted: () => boolean;
  /** The status line has been sent: an error can only be told inside the stream. */
  isHeadSent: () => boolean;
  onDrain: (resume: () => void) => void;
}

export interface AnswerOptions {
  res: ServerResponse;
  /** Where a stream is written, if one was asked for. */
  stream?: JoinedWrites;
  face: ClientFace;
  context: WriteContext;
  /** Headers beside the protocol's own. */
  headers: () => Record<string, string>;
  /** Nobody else may be asked from here on. */
  onBegun?: () => void;
  /** Takes the full answer's body once it was sent. */
  onDone?: (body: unknown) => void;
}

export function createAnswer(options: AnswerOptions): Answer {
  return options.stream ? createStreamed(options, options.stream) : createWhole(options);
}

/** How many answers the client asked for, and how its protocol tells more than one; undefined where it is one. */
function toSeveral({ face, context }: AnswerOptions): { count: number; face: ChoicesFace } | undefined {
  const { choices = 1 } = context.request;
  return choices > 1 && face.choices ? { count: choices, face: face.choices } : undefined;
}

function createStreamed(options: AnswerOptions, body: JoinedWrites): Answer {
  const { res, face, context, headers, onBegun, onDone } = options;
  const several = toSeveral(options);
  const count = several?.count ?? 1;
  const createWriter = (): ChoicesWriter & Pick<StreamWriter, "result"> =>
    several ? several.face.createStreamWriter(context) : face.createStreamWriter(context);
  // Made when something is to be written: an answer that passes through has its own words.
  let made: ReturnType<typeof createWriter> | undefined;
  const writer = (): ReturnType<typeof createWriter> => (made ??= createWriter());
  // What comes before the first piece of the answer waits, so that another provider can still be tried. Of several
  // answers every one must have begun: a provider that is asked often at once may refuse the last of them.
  let waiting: { events: StreamEvent[]; choice: number }[] = [];
  let points: ReturnType<typeof createCommitPoint>[] = [];
  let begun: Set<number> | undefined;
  let isBegun = false;
  // Something of the answer itself was sent: clients that get calls whole see nothing of a call that has only begun.
  let committed = false;
  let headSent = false;

  const sendHead = (): void => {
    if (headSent) return;
    headSent = true;
    res.writeHead(200, joinHeaders(face.streamHeaders(context.call), headers()));
  };
  const send = (text: string): boolean => {
    // Native Ollama holds its headers until the first object exists; so does everything here.
    if (text === "") return true;
    sendHead();
    committed = true;
    return body.write(text);
  };
  const release = (): string => {
    if (!isBegun) onBegun?.();
    isBegun = true;
    const text = waiting.map(({ events, choice }) => writer().push(events, choice)).join("");
    waiting = [];
    return text;
  };
  return {
    begin() {
      if (isBegun && !committed) made = undefined;
      isBegun = committed;
      waiting = [];
      points = [];
      begun = undefined;
    },
    isCommitted: () => committed,
    isHeadSent: () => headSent,
    take(events, choice = 0) {
      if (isBegun) return send(writer().push(events, choice));
      waiting.push({ events, choice });
      if ((points[choice] ??= createCommitPoint(context.now))(events)) (begun ??= new Set()).add(choice);
      return (begun?.size ?? 0) < count || send(release());
    },
    finish() {
      const text = release() + writer().end();
      sendHead();
      body.end(text);
      onDone?.(writer().result?.());
    },
    fail(error, sent) {
      // Whoever does not read is not told either.
      if (error.kind === "cancelled") return void res.destroy();
      const text =
        sent && face.writeBroken
          ? face.writeBroken(error, sent, context)
          : writer().push([{ type: "error", error }], 0) + writer().end();
      body.end(text);
    },
    keepAlive() {
      if (face.keepAlive === undefined || res.destroyed) return;
      if (!headSent && !face.keepAliveEarly) return;
      sendHead();
      body.write(face.keepAlive);
    },
    onDrain: (resume) => res.once("drain", resume),
  };
}

function createWhole(options: AnswerOptions): Answer {
  const { res, face, context, headers, onDone } = options;
  const several = toSeveral(options);
  let folds: Fold[] = [];
  return {
    begin() {
      folds = [];
    },
    isCommitted: () => false,
    isHeadSent: () => false,
    take(events, choice = 0) {
      (folds[choice] ??= createFold({ natives: face.natives })).push(events);
      return true;
    },
    finish() {
      const results = folds.map((fold) => fold.end());
      const body = several
        ? several.face.writeResponse(results, context)
        : face.writeResponse(results[0] ?? createFold({ natives: face.natives }).end(), context);
      const text = (face.writeJson ?? JSON.stringify)(body);
      sendBody(res, 200, joinHeaders(face.responseHeaders ?? JSON_HEADERS, headers()), text);
      onDone?.(body);
    },
    // Nothing was sent yet: the caller answers with a whole error.
    fail: () => undefined,
    keepAlive: () => undefined,
    onDrain: (resume) => resume(),
  };
}

const JSON_HEADERS = { "content-type": "application/json" };
