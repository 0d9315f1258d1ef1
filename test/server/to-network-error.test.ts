import { describe, expect, it } from "vitest";
import { toNetworkError } from "../../server/to-network-error.ts";

describe("toNetworkError", () => {
  const cause = (code: string) => Object.assign(new Error("socket says"), { code });
  it.each([
    ["UND_ERR_CONNECT_TIMEOUT", "timeout", "provider a.example:8 could not be reached in time"],
    ["ENOTFOUND", "upstream", "provider a.example:8: host name not found"],
    ["CERT_HAS_EXPIRED", "upstream", "provider a.example:8: its TLS certificate has expired"],
    ["EODD", "upstream", "provider a.example:8: socket says"],
  ])("%s is %s in words", (code, kind, message) => {
    expect(toNetworkError(cause(code), "https://a.example:8/path?key=secret")).toMatchObject({
      kind,
      message,
    });
  });

  it("makes a sentence of whatever was thrown", () => {
    expect(toNetworkError("broken", "http://a/").message).toBe("provider a: broken");
    expect(toNetworkError(Object.assign(new Error(""), { code: "EODD" }), "http://a/").message).toBe(
      "provider a: EODD",
    );
  });
});
