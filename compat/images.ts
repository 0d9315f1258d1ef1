import type {
  AssistantPart,
  MediaPart,
  Message,
  TextPart,
  ToolResultPart,
  UserPart,
} from "../adapters/unified.ts";

/** The conversation for a model that sees no images: each is replaced by a text that says so. */
export function replaceImages(messages: readonly Message[]): Message[] {
  return messages.map((message): Message => {
    switch (message.role) {
      case "user":
        return { ...message, content: message.content.map(replacePart<UserPart>) };
      case "assistant":
        return { ...message, content: message.content.map(replacePart<AssistantPart>) };
      case "tool":
        return { ...message, content: message.content.map(replaceInResult) };
      default:
        return message;
    }
  });
}

const replaceInResult = (result: ToolResultPart): ToolResultPart => ({
  ...result,
  content: result.content.map(replacePart<TextPart | MediaPart>),
});

function replacePart<P extends { type: string }>(part: P | MediaPart): P | TextPart {
  if (part.type !== "media") return part as P;
  const media = part as MediaPart;
  if (!media.mimeType.startsWith("image/")) return part as P;
  return {
    type: "text",
    text: `[image${media.name === undefined ? "" : ` ${media.name}`}: this model cannot see images]`,
  };
}
