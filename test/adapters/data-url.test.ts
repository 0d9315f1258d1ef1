import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { parseMediaUrl, toDataUrl, toMediaKind } from "../../adapters/data-url.ts";
import type { MediaPart } from "../../adapters/unified.ts";

const base64 = (data: string) => ({ kind: "base64", data });
const url = (address: string) => ({ kind: "url", url: address });

describe("parseMediaUrl", () => {
  it.each([
    ["data:image/png;base64,AA==", "image/png", "AA=="],
    ["DATA:IMAGE/PNG;BASE64,AA==", "image/png", "AA=="],
    ["data:image/jpg;base64,AA==", "image/jpeg", "AA=="],
    ["data:image/png;charset=utf-8; name=a.png ;base64,AA==", "image/png", "AA=="],
    ["data:,hi%20there", "text/plain", "aGkgdGhlcmU="],
    ["data:text/plain,100%", "text/plain", "MTAwJQ=="],
    ["data:image/svg+xml;utf8,<svg/>", "image/svg+xml", "PHN2Zy8+"],
    ["data:image/png;base64", "image/png", ""],
    ["data:", "text/plain", ""],
  ])("trap 10: reads %s", (address, mimeType, data) => {
    expect(parseMediaUrl(address)).toEqual({ mimeType, source: base64(data) });
  });

  it.each([
    ["https://a.example/x.PNG?size=1#y", "image/png"],
    ["https://a.example/x.pdf", "application/pdf"],
    ["https://a.example/x", "image/*"],
    ["https://a.example/x.constructor", "image/*"],
    ["https://a.example/x.__proto__", "image/*"],
    ["gs://bucket/x.mp3", "audio/mpeg"],
    ["", "image/*"],
  ])("leaves %s a URL and guesses its type", (address, mimeType) => {
    expect(parseMediaUrl(address)).toEqual({ mimeType, source: url(address) });
  });

  it("is the inverse of toDataUrl", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("image/png", "audio/wav", "application/pdf"),
        fc.base64String(),
        (mimeType, data) => {
          const part: MediaPart = { type: "media", mimeType, source: { kind: "base64", data } };
          expect({ type: "media", ...parseMediaUrl(toDataUrl(part)) }).toEqual(part);
        },
      ),
    );
    const part: MediaPart = {
      type: "media",
      mimeType: "image/*",
      source: { kind: "url", url: "https://a/b" },
    };
    expect(toDataUrl(part)).toBe("https://a/b");
  });
});

describe("toMediaKind", () => {
  it.each([
    ["image/*", "image"],
    ["audio/mpeg", "audio"],
    ["video/mp4", "video"],
    ["application/pdf", "document"],
    ["text/plain", "document"],
    ["image", "document"],
    ["", "document"],
  ])("takes %s for %s", (mimeType, kind) => {
    expect(toMediaKind(mimeType)).toBe(kind);
  });
});
