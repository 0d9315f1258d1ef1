import type { ProviderReport, StepId } from "../../server/provider-test/step.ts";
import { list, number, oneOf, record, text } from "../shape.ts";

/** A provider's test for people: a line a step, and below those that are not well what to do. */
export function writeReport({ keyName, model, outcome, ms, steps }: ProviderReport): string[] {
  const about = model === undefined ? "" : `, model ${model}`;
  return [
    `${keyName}: ${outcome} in ${(ms / 1000).toFixed(1)} s${about}`,
    ...steps.flatMap(({ id, outcome: one, message, fix, ms: time }) => [
      `  ${one.padEnd(4)}  ${TITLES[id].padEnd(10)}  ${message}${time === undefined ? "" : ` (${time} ms)`}`,
      ...(fix !== undefined && one !== "ok" ? [`                    fix: ${fix}`] : []),
    ]),
  ];
}

const TITLES: Record<StepId, string> = {
  dns: "name",
  tls: "connection",
  auth: "key",
  models: "models",
  chat: "chat",
  tools: "tool call",
  stream: "stream",
};

export const reportShape = record(
  {
    provider: text,
    keyName: text,
    outcome: oneOf("ok", "warn", "fail"),
    ms: number,
    steps: list(
      record(
        { id: oneOf(...Object.keys(TITLES)), outcome: oneOf("ok", "warn", "fail", "skip"), message: text },
        { fix: text, ms: number },
      ),
    ),
    models: list(text),
  },
  { model: text, clockSkewMs: number },
);
