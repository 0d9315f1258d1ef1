import type { ServerResponse } from "node:http";
import { sendBody } from "./send-body.ts";
import { VERSION } from "./version.ts";

/** Whether it is asked if the daemon lives. */
export const isHealth = (method: string, path: string): boolean => method === "GET" && path === "/health";

/** It does. Needs nothing that would have to be loaded first. */
export function answerHealth(res: ServerResponse, pid: number): void {
  const body = JSON.stringify({ status: "ok", version: VERSION, pid });
  sendBody(res, 200, { "content-type": "application/json" }, body);
}
