import { toDataUrl } from "../data-url.ts";
import { sealSignature } from "../signature.ts";
import type { MediaPart, Native, Signature } from "../unified.ts";
import type { Json } from "../validate.ts";
import { readOwn } from "./own-fields.ts";
import { PROTOCOL } from "./wire.ts";

/** Claude's answers hold no media: an image is shown the way clients render markdown, other media as a link. */
export function toMediaText(media: MediaPart): string {
  const mark = media.mimeType.startsWith("image/") ? "!" : "";
  return `${mark}[${media.name ?? media.mimeType}](${toDataUrl(media)})`;
}

/** Always a string: SDKs check for one. */
export const toSignatureText = (signature: Signature | undefined): string =>
  signature ? sealSignature(signature, PROTOCOL) : "";

/** A call's fields beside the arguments: the model made it itself, unless its provider said otherwise. */
export const writeCallFields = (native: Native | undefined): Json => ({
  caller: { type: "direct" },
  ...readOwn(native),
});
