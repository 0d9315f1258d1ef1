import { createTester } from "../../server/provider-test/create-tester.ts";
import type { ProviderReport } from "../../server/provider-test/step.ts";
import { memoryStorage } from "../../storage/index.ts";
import type { ProviderConfig, Storage } from "../../storage/types.ts";
import type { Ask } from "./ask.ts";
import type { Offer } from "./find-offers.ts";
import type { Talk } from "./talk.ts";

export interface Prepared {
  offer: Offer;
  provider: ProviderConfig;
  /** The key that was pasted. */
  secret?: string;
}

export interface Tested extends Prepared {
  report: ProviderReport;
}

/** Asks for the keys that are not in the environment. */
export async function askKeys(offers: readonly Offer[], ask: Ask): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (const offer of offers) {
    const { found, known, provider } = offer;
    const one = found === undefined && !known.local ? await askKey(offer, ask) : { offer, provider };
    if (one) prepared.push(one);
  }
  return prepared;
}

/** A provider with the key that is given for it; undefined: none was. */
async function askKey(offer: Offer, ask: Ask): Promise<Prepared | undefined> {
  const { known, provider } = offer;
  const key = await ask.key(offer);
  if (key === "") return undefined;
  if (/^(?:env|file):/.test(key)) return { offer, provider: { ...provider, keys: [key] } };
  return { offer, provider: { ...provider, keys: [`file:keys/${known.id}`] }, secret: key };
}

interface Trying {
  storage: Storage;
  ask: Ask;
  talk: Talk;
}

/** Tries all of them at once; those that fail are kept only if the user says so. */
export async function tryProviders(prepared: readonly Prepared[], trying: Trying): Promise<Tested[]> {
  if (prepared.length === 0) return [];
  trying.talk.step(`Trying ${prepared.map(({ offer }) => offer.known.label).join(", ")} …`);
  const kept: Tested[] = [];
  for (const tested of await Promise.all(prepared.map((one) => tryOne(one, trying)))) {
    const settled = await settle(tested, trying);
    if (settled) kept.push(settled);
  }
  return kept;
}

/** Tells what the test found; undefined: the provider is left out. */
async function settle(tested: Tested, trying: Trying): Promise<Tested | undefined> {
  const { ask, talk } = trying;
  const { offer, report } = tested;
  const isWell = report.outcome !== "fail" && report.model !== undefined;
  const [head = "", ...more] = describeReport(report, isWell);
  (isWell ? talk.good : talk.bad)([`${offer.known.label}: ${head}`, ...more].join("\n"));
  const wish = isWell ? "keep" : await ask.keep(offer);
  if (wish === "keep") return tested;
  const again = wish === "again" ? await askKey(offer, ask) : undefined;
  return again && settle(await tryOne(again, trying), trying);
}

async function tryOne(prepared: Prepared, { storage }: Trying): Promise<Tested> {
  const { offer, provider, secret } = prepared;
  const { id } = offer.known;
  // Not written yet: what was pasted is known here alone.
  const resolveKey = (key: string): string | undefined =>
    secret !== undefined && key === `file:keys/${id}` ? secret : storage.resolveKey(key);
  const tester = createTester({ ...memoryStorage({ providers: { [id]: provider } }), resolveKey });
  try {
    return { ...prepared, report: await tester.test({ id, provider, key: provider.keys?.[0] }) };
  } finally {
    await tester.close();
  }
}

/** In one line where all is well, else what is not and what helps. */
function describeReport({ steps, models, ms }: ProviderReport, isWell: boolean): string[] {
  const count = models.length === 1 ? "1 model" : `${models.length} models`;
  const wrong = steps.filter(({ outcome }) => outcome === "fail" || outcome === "warn");
  return [
    !isWell ? "not well" : `works, ${count} (${ms} ms)`,
    ...wrong.flatMap(({ message, fix }) => [message, ...(fix === undefined ? [] : [`fix: ${fix}`])]),
  ];
}
