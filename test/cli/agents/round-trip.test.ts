import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Settings } from "../../../cli/agents/agent.ts";
import { agents } from "../../../cli/agents/agents.ts";
import { planRestore, planSetup } from "../../../cli/agents/plan-setup.ts";
import { applyFields } from "../../../cli/fields/apply-fields.ts";
import { readPath, withPath } from "../../../cli/fields/data-path.ts";
import { splice, type Path } from "../../../cli/fields/format.ts";
import { loadFormat, type FormatName } from "../../../cli/fields/load-format.ts";
import { revertFields } from "../../../cli/fields/revert-fields.ts";
import { connection, places } from "./places.ts";
import { createDice, writeSettings, type Dice } from "./write-settings.ts";

/** Every file of every agent, with 200 random files of its shape. */
const cases = agents.flatMap((agent) =>
  (agent.settings?.(connection, places.linux) ?? []).map((settings, index) => ({
    name: `${agent.id} ${settings.paths[0]?.split(/[/\\]/).at(-1) ?? index}`,
    settings,
  })),
);

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "ccproxy-fields-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Tree = Record<string, unknown>;

/** What a user may have: some of the same fields with values of their own, some of their folders, and much else. */
function toTree({ format, fields }: Settings, dice: Dice, extra: Tree): Tree {
  let tree: unknown = format === "dotenv" ? { OTHER: "1", PATH_LIKE: "/a b" } : extra;
  for (const { path, value } of fields) {
    if (dice(4) === 0) tree = withPath(tree, path, dice(3) === 0 ? value : own(value, dice));
    else if (dice(8) === 0 && path.length > 1 && format !== "toml") {
      const holder = path.slice(0, 1 + dice(path.length - 1));
      const isHeld = readPath(tree, holder) !== undefined || holder.some((step) => typeof step === "object");
      if (!isHeld)
        tree = withPath(tree, holder, typeof path[holder.length] === "object" || dice(2) === 0 ? null : {});
    }
  }
  return tree as Tree;
}

const own = (value: unknown, dice: Dice): unknown =>
  typeof value === "string" ? `theirs-${dice(1000)}` : Array.isArray(value) ? ["theirs"] : 7;

const extras = (format: FormatName): fc.Arbitrary<Tree> => {
  const name = fc.constantFrom(
    "theme",
    "mcpServers",
    "x.y",
    "hooks",
    "über",
    "list",
    "on",
    "a b",
    "permissions",
  );
  const text = fc.constantFrom(
    "",
    "yes",
    "plain",
    "with space",
    "# no comment",
    "a: b",
    "C:\\path",
    "☃",
    "{}",
    "long enough text",
  );
  const leaf =
    format === "toml"
      ? fc.oneof(text, fc.integer(), fc.boolean())
      : fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
  const value = fc.oneof(leaf, fc.array(text, { maxLength: 3 }), fc.dictionary(name, leaf, { maxKeys: 3 }));
  return fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value, { maxKeys: 2 })), { maxKeys: 5 });
};

const seeds = fc.integer({ min: 0, max: 0x7fffffff });

describe.each(cases)("$name", ({ settings }) => {
  const { format: formatName, fields } = settings;
  const file = (): string => join(folder, `settings.${formatName}`);
  const here: Settings = { ...settings, paths: [] };

  it("is byte-identical after setup and restore, and set up twice is once", async () => {
    let checked = 0;
    await fc.assert(
      fc.asyncProperty(seeds, extras(formatName), async (seed, extra) => {
        const dice = createDice(seed);
        const before = seed % 20 === 0 ? "" : writeSettings(formatName, toTree(settings, dice, extra), dice);
        writeFileSync(file(), before);
        const wanted = [{ ...here, paths: [file()] }];
        const [change] = await planSetup(wanted, undefined);
        if (!change) throw new Error("no change");
        const after = change.was.mark + (change.text ?? "");
        const format = await loadFormat(formatName);
        const data = format.parse(change.text ?? "");
        for (const { path, value, ifAbsent } of fields)
          if (!ifAbsent) expect(readPath(data, path)).toEqual(value);
        writeFileSync(file(), after);
        const record = { files: [change.record] };
        const [again] = await planSetup(wanted, record);
        expect(again).toMatchObject({ text: change.text, record: change.record });
        const [back] = await planRestore(record);
        expect(back?.left).toEqual([]);
        expect((back?.was.mark ?? "") + (back?.text ?? "")).toBe(before);
        checked++;
      }),
      { numRuns: 200 },
    );
    expect(checked).toBeGreaterThanOrEqual(200);
  });

  it("keeps every edit made in between", async () => {
    const format = await loadFormat(formatName);
    const unrelated: Path = formatName === "dotenv" ? ["THEIR_OWN"] : ["their own", "deep"];
    const beside: Path = [...(fields.at(-1)?.path.slice(0, -1) ?? []), "beside_ours"];
    await fc.assert(
      fc.property(seeds, extras(formatName), (seed, extra) => {
        const dice = createDice(seed);
        const mark = /^\uFEFF/;
        const before = writeSettings(formatName, toTree(settings, dice, extra), dice).replace(mark, "");
        const { text, set } = applyFields(format, before, fields);
        // Lines of their own at the top.
        const comment = formatName === "json" ? "// new\n" : "# new\n";
        expect(revertFields(format, comment + text, set)).toMatchObject({ text: comment + before, left: [] });
        // Members of their own, elsewhere and right beside ours.
        for (const path of [unrelated, beside]) {
          const edited = applyFields(format, text, [{ path, value: "kept" }]).text;
          const back = revertFields(format, edited, set);
          expect(back.left).toEqual([]);
          expect(format.parse(back.text)).toEqual(withPath(format.parse(before), path, "kept"));
        }
        // One of ours with another value: it is left, and named.
        const changed = set[dice(set.length || 1)];
        const range = changed && format.find(text, changed.path);
        if (!changed || !range) return;
        const edited = splice(
          text,
          range.start,
          range.end,
          formatName === "dotenv" ? "changed" : '"changed"',
        );
        const back = revertFields(format, edited, set);
        expect(back.left).toEqual([changed.path]);
        expect(readPath(format.parse(back.text), changed.path)).toBe("changed");
      }),
      { numRuns: 60 },
    );
  });
});

it("nothing is made of a file that cannot be read, or that holds something else there", async () => {
  for (const [name, content, says] of [
    ["a.json", '{ "env": [1] }', /env: expected an object/],
    ["b.json", '{ "env": ', /line 1: expected JSON/],
    ["c.json", Buffer.from([0x7b, 0xff, 0x7d]), /expected UTF-8/],
  ] as const) {
    writeFileSync(join(folder, name), content);
    const wanted: Settings = {
      paths: [join(folder, name)],
      format: "json",
      fields: [{ path: ["env", "A"], value: "1" }],
    };
    await expect(planSetup([wanted], undefined)).rejects.toThrow(says);
    expect(readFileSync(join(folder, name))).toEqual(Buffer.from(content));
  }
});

it("what its program rewrites by itself is taken back as one, and nothing of it stays", async () => {
  const path = join(folder, "providers.json");
  const cline = agents.find(({ id }) => id === "cline");
  const [settings] = cline?.settings?.(connection, places.linux) ?? [];
  if (!settings) throw new Error("no settings");
  const others = {
    other: {
      settings: { provider: "other", apiKey: "sk-test" },
      updatedAt: "2026-01-01T00:00:00.000Z",
      tokenSource: "manual",
    },
  };
  const theirs = { version: 1, lastUsedProvider: "other", modes: {}, providers: others };
  for (const before of [undefined, theirs]) {
    if (before) writeFileSync(path, JSON.stringify(before, undefined, 2));
    const [change] = await planSetup([{ ...settings, paths: [path] }], undefined);
    const written = JSON.parse(change?.text ?? "") as typeof theirs;
    const ours = readPath(written, ["providers", "openai-compatible"]) as (typeof others)["other"];
    // Without it, Cline takes the whole file for empty, and writes it anew.
    expect(new Date(ours.updatedAt).toISOString()).toBe(ours.updatedAt);
    const { lastUsedProvider, modes, version } = written;
    const [updatedAt, model] = ["2026-12-01T00:54:12.191Z", "another"];
    const rewritten = {
      version,
      modes,
      lastUsedProvider,
      providers: {
        "openai-compatible": { ...ours, settings: { ...ours.settings, model }, updatedAt },
        ...(before && others),
      },
    };
    writeFileSync(path, `${JSON.stringify(rewritten, undefined, 4)}\n`);
    const [back] = await planRestore({ files: change ? [change.record] : [] });
    expect(back?.left).toEqual([]);
    if (before) expect(JSON.parse(back?.text ?? "")).toEqual(before);
    else expect(back?.text).toBeUndefined();
    rmSync(path);
  }
});
