import type { Message } from "../adapters/unified.ts";

/** Whether a message shows images, those in a tool's result included. */
export function hasImages(message: Message): boolean {
  switch (message.role) {
    case "tool":
      return message.content.some((result) => result.content.some(isImage));
    case "user":
    case "assistant":
      return message.content.some(isImage);
    default:
      return false;
  }
}

const isImage = (part: { type: string; mimeType?: string }): boolean =>
  part.type === "media" && part.mimeType?.startsWith("image/") === true;
