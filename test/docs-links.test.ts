import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { matchesGlob } from "../routing/glob.ts";
import { REST_REASONS } from "../routing/health.ts";

/** What the documents say of each other and of the house is so: links and their places, files, numbers. */
const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const DOCS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].concat(
  readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
);

const withoutCode = (text: string): string => text.replace(/^(`{3,}|~{3,})[^]*?^\1$/gm, "");

/** As GitHub makes them. */
const toAnchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

const listAnchors = (file: string): string[] =>
  [...withoutCode(read(file)).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => toAnchor(heading));

const LINKS = DOCS.flatMap((file) =>
  [...withoutCode(read(file)).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = ""]) => ({
    file,
    link,
  })),
);

describe("links", () => {
  it("there are some", () => expect(LINKS.length).toBeGreaterThan(30));

  it.each(LINKS)("$file: $link", ({ file, link }) => {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? file : join(dirname(file), path);
    expect(existsSync(join(root, target)), target).toBe(true);
    if (anchor !== undefined) expect(listAnchors(target)).toContain(anchor);
  });
});

describe("files", () => {
  const rows = [...read("docs/conversions.md").matchAll(/^\| (\d+) \|.*\| ([^|]+) \|$/gm)];
  const files = ["adapters", "server", "compat"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
  );

  it.each(rows.map(([, number, where = ""]) => ({ number, where })))("trap $number", ({ where }) => {
    const paths = [...where.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) {
      const whole = /^(?:server|compat)\//.test(path) ? path : `adapters/${path}`;
      expect(
        files.some((file) => matchesGlob(whole, file)),
        path,
      ).toBe(true);
    }
  });

  it("the README fits on a few pages, and knows how many packages there are", () => {
    const text = read("README.md");
    expect(text.split("\n").length).toBeLessThanOrEqual(151);
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: object };
    const { packages } = JSON.parse(read("package-lock.json")) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const all = Object.entries(packages).filter(([name, { dev }]) => name !== "" && dev !== true);
    expect(text).toContain(`${Object.keys(dependencies).length} packages`);
    expect(text).toContain(`${all.length} with theirs`);
  });

  it("CONTRIBUTING names files that there are", () => {
    const named = [
      ...read("CONTRIBUTING.md").matchAll(
        /`((?:adapters|server|routing|compat|storage|cli|test)\/[\w./-]+\.ts)`/g,
      ),
    ];
    expect(named.length).toBeGreaterThan(10);
    for (const [, path = ""] of named) expect(existsSync(join(root, path)), path).toBe(true);
  });
});

describe("docs/routing.md", () => {
  const page = read("docs/routing.md");
  const named = (file: string, pattern: RegExp): string[] => [
    ...new Set([...read(file).matchAll(pattern)].map(([, name = ""]) => name)),
  ];
  const metrics = named("server/metrics.ts", /"(ccproxy_\w+)"/g);
  const entry =
    /^export interface RequestLogEntry \{([^]*?)^\}/m.exec(read("server/request-log.ts"))?.[1] ?? "";
  const fields = [...entry.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name = ""]) => name);

  it("there is something to name", () => {
    expect(metrics.length).toBeGreaterThan(5);
    expect(fields.length).toBeGreaterThan(20);
  });
  it.each([...metrics, ...fields, ...REST_REASONS])("names %s", (name) => {
    expect(page).toContain(`\`${name}\``);
  });
});
