import { describeHolder } from "../../server/port-taken.ts";
import type { Storage } from "../../storage/types.ts";
import { findAddress } from "../address.ts";
import { toAgentLines } from "../agent-lines.ts";
import type { CommonArgs, Invocation } from "../command.ts";
import { findDaemon, readDaemon, reachable } from "../daemon.ts";
import { CliError } from "../exit-code.ts";
import { findHome } from "../home.ts";
import { startDaemon } from "../start-daemon.ts";
import { stopDaemon } from "../stop-daemon.ts";
import type { Ask } from "./ask.ts";
import { listChoices, toAliases, type Choice, type Kept } from "./choose-models.ts";
import { findOffers } from "./find-offers.ts";
import { findPort } from "./find-port.ts";
import { askFirst, QUESTION, type FirstAnswer } from "./first-answer.ts";
import { saveSetup } from "./save.ts";
import type { Talk } from "./talk.ts";
import { askKeys, tryProviders, type Tested } from "./try-providers.ts";

export interface Wizard {
  storage: Storage;
  ask: Ask;
  talk: Talk;
  /** Start the daemon and ask it something. */
  start: boolean;
  args: CommonArgs;
  invocation: Invocation;
}

export interface WizardDone {
  url: string | null;
  providers: string[];
  dropped: string[];
  model: string;
  aliases: Record<string, string>;
  answer: FirstAnswer | null;
}

/** From nothing to a first answer: providers, keys, a test of each, a model; then all of it is written at once. */
export async function runWizard(wizard: Wizard): Promise<WizardDone> {
  const { storage, ask, talk, start, args, invocation } = wizard;
  const { env } = invocation.io;
  talk.intro("ccproxy: set up providers");
  const chosen = await ask.providers(await findOffers(env));
  if (chosen.length === 0) throw nothingFound();
  const kept = await tryProviders(await askKeys(chosen, ask), wizard);
  if (kept.length === 0) throw nothingLeft();
  const { choice, models } = await chooseModel(kept, ask);

  const home = findHome(invocation.io, args);
  const running = await findDaemon(home.pidFile);
  const { host, port: wanted } = findAddress({}, invocation.io, storage.config.current);
  const { port, holder } = running ? { port: wanted } : await findPort(host, wanted);
  const aliases = toAliases(choice, models);
  await saveSetup(storage, {
    providers: Object.fromEntries(kept.map(({ offer, provider }) => [offer.known.id, provider])),
    secrets: Object.fromEntries(
      kept.flatMap(({ offer, secret }) => (secret === undefined ? [] : [[offer.known.id, secret]])),
    ),
    aliases: aliases as Record<string, string>,
    ...(port !== wanted && { port }),
  });
  if (holder && port !== wanted)
    talk.step(`Port ${wanted} is held by ${describeHolder(holder)}: ccproxy takes ${port}.`);
  talk.good(`Written to ${storage.config.file}`);

  const done: WizardDone = {
    url: null,
    providers: kept.map(({ offer }) => offer.known.id),
    dropped: chosen
      .map(({ known }) => known.id)
      .filter((id) => !kept.some(({ offer }) => offer.known.id === id)),
    model: `${choice.provider}/${choice.model}`,
    aliases: aliases as Record<string, string>,
    answer: null,
  };
  if (!start) {
    talk.outro(["Ready. 'ccproxy start' starts the daemon."]);
    return done;
  }
  // A daemon that runs already has not the keys of this shell.
  if (running) await stopDaemon(home, {});
  const quiet: Invocation = {
    ...invocation,
    io: { ...invocation.io, env, stdout: () => undefined, stderr: () => undefined },
  };
  // CCPROXY_PORT would win over the configuration.
  await startDaemon({ config: args.config, ...(port !== wanted && { port: String(port) }) }, quiet);
  const url = reachable((await readDaemon(home.pidFile))?.url ?? "");
  const answer = await tryFirst(url, { choice, storage, talk });
  talk.outro([
    "Running in the background. Copy a line to begin:",
    ...toAgentLines(url).map((line) => `  ${line}`),
  ]);
  return { ...done, url, answer };
}

async function chooseModel(tested: readonly Tested[], ask: Ask): Promise<{ choice: Choice; models: Kept[] }> {
  const models = tested.map(({ offer, report }) => ({
    id: offer.known.id,
    models: offer.provider.models ?? report.models,
  }));
  const choices = listChoices(models);
  const [only] = choices;
  const choice = choices.length > 1 ? await ask.model(choices) : only;
  // One that lists nothing takes any name.
  const fallback = { provider: models[0]?.id ?? "", model: "*" };
  return { choice: choice ?? fallback, models };
}

async function tryFirst(
  url: string,
  { choice, storage, talk }: { choice: Choice; storage: Storage; talk: Talk },
): Promise<FirstAnswer | null> {
  // They would have to be asked for, and are the user's to give.
  if (choice.model === "*" || Object.keys(storage.config.current.keys).length > 0) return null;
  try {
    const answer = await askFirst(url, choice.model);
    talk.good(`${QUESTION}\n${choice.model}: ${answer.text} (${answer.ms} ms)`);
    return answer;
  } catch (error) {
    talk.bad(`No first answer: ${(error as Error).message}\nfix: ccproxy doctor`);
    return null;
  }
}

const nothingFound = (): CliError =>
  new CliError(
    "not-possible",
    "no provider's key is set, and no local server answers",
    "set one, such as OPENROUTER_API_KEY, or start Ollama; 'ccproxy provider add --help' does it by hand",
  );

const nothingLeft = (): CliError =>
  new CliError(
    "provider-failed",
    "no provider is left, so nothing was changed",
    "mend what was told, then: ccproxy init",
  );
