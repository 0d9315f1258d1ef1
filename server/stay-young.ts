import { setFlagsFromString } from "node:v8";

/**
 * Keeps V8 from putting what requests are made of straight among the old: it does so where most of what a line of code
 * made before was still in use at a collection, which under load is true of every request under way. Once old, what is
 * over stays until a full collection, and whatever it leads to stays with it (`--allocation-site-pretenuring`, on by
 * default in Node.js 20 to 24). For code that is compiled from here on.
 */
export function stayYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
