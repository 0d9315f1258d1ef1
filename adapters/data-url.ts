import type { MediaPart } from "./unified.ts";

/**
 * A media source from a URL: `data:` URLs become base64, others stay URLs. Parameters before `;base64` are dropped;
 * `image/jpg` is normalised. A data URL that is not base64 is re-encoded.
 */
export function parseMediaUrl(url: string): Pick<MediaPart, "mimeType" | "source"> {
  if (!/^data:/i.test(url)) return { mimeType: guessMimeType(url), source: { kind: "url", url } };
  const comma = url.indexOf(",");
  const [mimeType, ...parameters] = url.slice(5, comma === -1 ? url.length : comma).split(";");
  const payload = comma === -1 ? "" : url.slice(comma + 1);
  const isBase64 = parameters.some((parameter) => parameter.trim().toLowerCase() === "base64");
  const data = isBase64 ? payload : toBase64(decodeUri(payload));
  return { mimeType: normaliseMimeType(mimeType || "text/plain"), source: { kind: "base64", data } };
}

export function toDataUrl(part: MediaPart): string {
  return part.source.kind === "url" ? part.source.url : `data:${part.mimeType};base64,${part.source.data}`;
}

export function normaliseMimeType(mimeType: string): string {
  const lower = mimeType.trim().toLowerCase();
  return lower === "image/jpg" ? "image/jpeg" : lower;
}

export type MediaKind = "image" | "audio" | "video" | "document";

export function toMediaKind(mimeType: string): MediaKind {
  const kind = mimeType.slice(0, mimeType.indexOf("/"));
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "document";
}

/** A media type from a URL's file ending; `image/*` where it tells nothing, since most URLs sent to models are images. */
function guessMimeType(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? "";
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return BY_ENDING.get(ending) ?? "image/*";
}

const decodeUri = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
const toBase64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");

const BY_ENDING = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["gif", "image/gif"],
  ["webp", "image/webp"],
  ["pdf", "application/pdf"],
  ["txt", "text/plain"],
  ["mp3", "audio/mpeg"],
  ["wav", "audio/wav"],
  ["mp4", "video/mp4"],
]);
