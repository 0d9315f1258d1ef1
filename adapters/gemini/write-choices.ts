import type { ChoicesFace } from "../adapter.ts";
import type { Usage } from "../unified.ts";
import { sumUsages } from "../sum-usages.ts";
import { writeUsage } from "./usage.ts";
import { createCandidateWriter, createFrames, type CandidateWriter } from "./write-stream.ts";
import { writeCandidate } from "./write-response.ts";

/** Several answers to one request (`candidateCount`): a candidate each, and what they used together. */
export const choices: ChoicesFace = {
  field: "generationConfig.candidateCount",
  writeResponse(results, context) {
    const [first, ...others] = results.map((result, index) => writeCandidate(result, context, index));
    const usageMetadata = writeUsage(sumUsages(results.map(({ usage }) => usage)), context.request);
    const candidates = [first, ...others].flatMap((written) => written?.candidates ?? []);
    return { ...first, ...(candidates.length && { candidates }), usageMetadata };
  },
  createStreamWriter(context) {
    const frames = createFrames(context.call);
    const writers: CandidateWriter[] = [];
    const usages: (Usage | undefined)[] = [];
    let failed = false;
    return {
      push(events, choice) {
        if (failed) return "";
        const shared = events.map((event) => {
          failed ||= event.type === "error";
          if (event.type !== "finish") return event;
          usages.push(event.usage);
          // What came so far: the last chunk tells all, as it does of one answer.
          return { ...event, usage: sumUsages(usages) };
        });
        return frames.items((writers[choice] ??= createCandidateWriter(context, choice)).push(shared));
      },
      end: () => writers.map((writer) => frames.items(writer.end())).join("") + frames.end(),
    };
  },
};
