import type { NameRule } from "../tool-names.ts";

/** What OpenAI accepts as a function's name (https://platform.openai.com/docs/api-reference/chat/create). */
export const toolNameRule: NameRule = { allowed: /[a-zA-Z0-9_-]/, maxLength: 64 };
