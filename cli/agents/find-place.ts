import { homedir } from "node:os";
import { findHome } from "../home.ts";
import type { Io } from "../io.ts";
import type { Place } from "./agent.ts";

/** This machine and this user. */
export const findPlace = (io: Io): Place => ({
  platform: process.platform,
  home: io.env["HOME"] || io.env["USERPROFILE"] || homedir(),
  own: findHome(io).dir,
  env: io.env,
});
