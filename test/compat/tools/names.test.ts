import { describe, expect, it } from "vitest";
import { createNameResolver } from "../../../compat/tools/names.ts";

const { resolve } = createNameResolver(["get_weather", "ReadFile", "mcp__git__commit", "a-b", "a_b"]);

describe("createNameResolver", () => {
  it.each([
    ["get_weather", "get_weather"],
    ["functions.get_weather", "get_weather"],
    ["functions.get_weather:0", "get_weather"],
    ["default_api:get_weather", "get_weather"],
    ["getWeather", "get_weather"],
    ["GET-WEATHER", "get_weather"],
    ["get_weather<|channel|>commentary", "get_weather"],
    ["get_weather_tool", "get_weather"],
    ["read_file", "ReadFile"],
    ["commit", "mcp__git__commit"],
    ["a-b", "a-b"],
  ])("%s is %s", (written, name) => expect(resolve(written)?.name).toBe(name));

  it.each(["get_wether", "delete", "", "AB", "weather", "constructor", "__proto__"])(
    "%s is nothing",
    (written) => expect(resolve(written)).toBeUndefined(),
  );

  it("is exact with repairs off", () => {
    const strict = createNameResolver(["get_weather"], { strict: true });
    expect(strict.resolve("getWeather")).toBeUndefined();
    expect(strict.resolve("get_weather")?.name).toBe("get_weather");
  });
});
