import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JSON_TYPE } from "./support/golden-ollama.ts";
import { aliases, ask, startModels, stopModels } from "./support/golden-ollama-models.ts";
import type { Sent } from "./support/send.ts";

/** Ollama's management routes where no Ollama is behind them, byte for byte. */

beforeAll(startModels);
afterAll(stopModels);

const brief = ({ status, headers, text }: Sent) => [status, headers["content-type"], text];

describe("answers without a model", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  it.each([
    ["GET", "/", undefined, 200, "text/plain; charset=utf-8", "Ollama is running"],
    ["GET", "/api/version", undefined, 200, JSON_TYPE, '{"version":"0.33.0"}'],
    ["GET", "/api/status", undefined, 200, JSON_TYPE, '{"cloud":{"disabled":true,"source":"env"}}'],
    ["GET", "/api/ps", undefined, 200, JSON_TYPE, '{"models":[]}'],
    ["GET", "/empty/api/tags", undefined, 200, JSON_TYPE, '{"models":[]}'],
    [
      "POST",
      "/api/me",
      undefined,
      401,
      JSON_TYPE,
      '{"error":"unauthorized","signin_url":"https://ollama.com/connect"}',
    ],
    ["POST", "/api/signout", undefined, 401, JSON_TYPE, '{"error":"you are not currently signed in"}'],
    [
      "DELETE",
      "/api/user/keys/abc",
      undefined,
      401,
      JSON_TYPE,
      '{"error":"you are not currently signed in"}',
    ],
    [
      "POST",
      "/api/experimental/web_search",
      { query: "x" },
      403,
      JSON_TYPE,
      '{"error":"ollama cloud is disabled: web search is unavailable"}',
    ],
    [
      "POST",
      "/api/experimental/web_fetch",
      { url: "x" },
      403,
      JSON_TYPE,
      '{"error":"ollama cloud is disabled: web fetch is unavailable"}',
    ],
    ["POST", "/api/experimental/web_search", undefined, 400, JSON_TYPE, '{"error":"missing request body"}'],
    ["HEAD", `/api/blobs/${digest}`, undefined, 404, JSON_TYPE, ""],
    [
      "POST",
      `/api/blobs/${digest}`,
      "\0 no JSON",
      400,
      JSON_TYPE,
      '{"error":"model files cannot be stored here: models are served by the configured providers"}',
    ],
    ["HEAD", "/api/blobs/md5:1", undefined, 400, JSON_TYPE, ""],
    ["POST", "/api/blobs/md5:1", "x", 400, JSON_TYPE, '{"error":"invalid digest format"}'],
    ["POST", "/api/show", {}, 400, JSON_TYPE, '{"error":"model is required"}'],
    ["POST", "/api/show", { model: "a b" }, 400, JSON_TYPE, '{"error":"invalid model name"}'],
    ["POST", "/api/show", { model: "no" }, 404, JSON_TYPE, `{"error":"model 'no:latest' not found"}`],
    [
      "POST",
      "/api/show",
      { name: "no:CLOUD" },
      403,
      JSON_TYPE,
      '{"error":"ollama cloud is disabled: remote model details are unavailable"}',
    ],
    [
      "POST",
      "/api/show",
      { name: "no:cloud:local" },
      400,
      JSON_TYPE,
      '{"error":"use either :local or :cloud, not both: \\"no:cloud:local\\""}',
    ],
    [
      "POST",
      "/api/show",
      { model: "plain", verbose: "yes" },
      400,
      JSON_TYPE,
      '{"error":"json: cannot unmarshal string into Go struct field ShowRequest.verbose of type bool"}',
    ],
    [
      "POST",
      "/api/show",
      { model: 5 },
      400,
      JSON_TYPE,
      '{"error":"json: cannot unmarshal number into Go struct field ShowRequest.model of type string"}',
    ],
    ["POST", "/api/pull", {}, 400, JSON_TYPE, '{"error":"invalid model name"}'],
    [
      "POST",
      "/api/pull",
      { model: "plain" },
      200,
      "application/x-ndjson",
      '{"status":"pulling manifest"}\n{"status":"verifying sha256 digest"}\n{"status":"writing manifest"}\n{"status":"success"}\n',
    ],
    [
      "POST",
      "/api/pull",
      { name: "plain:latest", stream: false },
      200,
      "application/json",
      '{"status":"success"}',
    ],
    [
      "POST",
      "/api/pull",
      { model: "no" },
      200,
      "application/x-ndjson",
      '{"status":"pulling manifest"}\n{"error":"pull model manifest: file does not exist"}\n',
    ],
    [
      "POST",
      "/api/pull",
      { model: "no", stream: false },
      500,
      "application/json",
      '{"error":"pull model manifest: file does not exist"}',
    ],
    ["POST", "/api/push", {}, 400, JSON_TYPE, '{"error":"model is required"}'],
    [
      "POST",
      "/api/push",
      { model: "no", stream: false },
      500,
      "application/json",
      `{"error":"model 'no' not found"}`,
    ],
    [
      "POST",
      "/api/create",
      { model: "x" },
      400,
      "application/json",
      `{"error":"neither 'from' or 'files' was specified"}`,
    ],
    [
      "POST",
      "/api/create",
      { model: "x", files: { "/etc/x": digest } },
      400,
      JSON_TYPE,
      '{"error":"file path must be relative"}',
    ],
    [
      "POST",
      "/api/create",
      { model: "x", files: { a: "md5:1" } },
      400,
      JSON_TYPE,
      '{"error":"invalid digest format"}',
    ],
    [
      "POST",
      "/api/create",
      { model: "x", from: "a b" },
      400,
      "application/json",
      '{"error":"invalid model name"}',
    ],
    ...[{ requires: "0.30" }, { info: { context_length: 5 } }, { draft_quantize: "q4" }].map(
      (change) =>
        [
          "POST",
          "/api/create",
          { model: "x", from: "plain", ...change },
          400,
          JSON_TYPE,
          `{"error":"an alias cannot keep ${Object.keys(change).join()}: set a prompt for the group in the configuration, or send it with each request"}`,
        ] as const,
    ),
    [
      "POST",
      "/api/pull",
      { model: "plain", insecure: 1 },
      400,
      JSON_TYPE,
      '{"error":"json: cannot unmarshal number into Go struct field PullRequest.insecure of type bool"}',
    ],
    [
      "POST",
      "/api/copy",
      { source: 'a"b', destination: "x" },
      400,
      JSON_TYPE,
      '{"error":"source \\"a\\\\\\"b\\" is invalid"}',
    ],
    [
      "POST",
      "/api/copy",
      { source: "a b", destination: "x" },
      400,
      JSON_TYPE,
      '{"error":"source \\"a b\\" is invalid"}',
    ],
    [
      "POST",
      "/api/copy",
      { source: "plain", destination: "" },
      400,
      JSON_TYPE,
      '{"error":"destination \\"\\" is invalid"}',
    ],
    [
      "POST",
      "/api/copy",
      { source: "no", destination: "x" },
      404,
      JSON_TYPE,
      '{"error":"model \\"no\\" not found"}',
    ],
    ["DELETE", "/api/delete", {}, 400, JSON_TYPE, '{"error":"model is required"}'],
    ["DELETE", "/api/delete", { name: "a b" }, 400, JSON_TYPE, '{"error":"name \\"a b\\" is invalid"}'],
    ["DELETE", "/api/delete", { name: "no" }, 404, JSON_TYPE, `{"error":"model 'no' not found"}`],
  ] as const)("%s %s %j", async (method, path, body, status, type, text) => {
    expect(brief(await ask(method, path, body))).toEqual([status, type, text]);
  });

  it("copying, creating and deleting have no more to say than that it is done", async () => {
    expect(
      brief(await ask("POST", "/api/copy", { source: "plain:latest", destination: "copied:latest" })),
    ).toEqual([200, undefined, ""]);
    expect((await ask("POST", "/api/create", { model: "made", from: "copied" })).text).toBe(
      '{"status":"reading model metadata"}\n{"status":"writing manifest"}\n{"status":"success"}\n',
    );
    expect(aliases()).toEqual(["plain", "known:v1", "copied", "made"]);
    for (const name of ["copied", "made:latest"])
      expect(brief(await ask("DELETE", "/api/delete", { name }))).toEqual([200, undefined, ""]);
  });
});
