import { readdirSync, readFileSync } from "node:fs";

/** What a process and its children have used and hold, from /proc; undefined where there is none. */
export function readCpuUs(pid) {
  let ns;
  for (const id of listTree(pid)) {
    for (const thread of list(`/proc/${id}/task`)) {
      const spent = read(`/proc/${id}/task/${thread}/schedstat`)?.split(" ")[0];
      if (spent !== undefined) ns = (ns ?? 0) + Number(spent);
    }
  }
  return ns === undefined ? undefined : ns / 1000;
}

/** Megabytes. `anon`: what it shares with nobody. */
export function readMemory(pid) {
  const sum = { rss: 0, anon: 0 };
  for (const id of listTree(pid)) {
    const status = read(`/proc/${id}/status`);
    if (status === undefined) continue;
    const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0) / 1024;
    sum.rss += field("VmRSS");
    sum.anon += field("RssAnon");
  }
  return sum.rss === 0 ? undefined : sum;
}

export function listTree(pid) {
  const found = [pid];
  for (let at = 0; at < found.length; at++) {
    for (const thread of list(`/proc/${found[at]}/task`)) {
      const children = read(`/proc/${found[at]}/task/${thread}/children`)?.trim();
      if (children) found.push(...children.split(" ").map(Number));
    }
  }
  return [...new Set(found)];
}

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
