import type { Connection, Place } from "../../../cli/agents/agent.ts";

export const connection: Connection = {
  base: "http://127.0.0.1:11434/coding",
  key: "ccp_test-key-of-a-client",
  isKeyReal: true,
  model: "big",
  small: "small",
  models: ["big", "small", "vendor/other:7b"],
};

export const places: Record<"linux" | "mac" | "windows", Place> = {
  linux: { platform: "linux", home: "/home/me", own: "/home/me/.ccproxy", env: {} },
  mac: { platform: "darwin", home: "/Users/me", own: "/Users/me/.ccproxy", env: {} },
  windows: {
    platform: "win32",
    home: "C:\\Users\\me",
    own: "C:\\Users\\me\\.ccproxy",
    env: { APPDATA: "C:\\Users\\me\\AppData\\Roaming" },
  },
};
