/** The Gemini API's wire format, as far as we write it (https://ai.google.dev/api/generate-content). */

export const PROTOCOL = "gemini";

export interface WireBlob {
  mimeType: string;
  data: string;
}

export interface WireFile {
  mimeType?: string;
  fileUri: string;
}

export interface WireCall {
  id?: string;
  name: string;
  args: Record<string, unknown>;
}

export interface WireResult {
  id?: string;
  name: string;
  response: Record<string, unknown>;
}

/** One of text, inlineData, fileData, functionCall and functionResponse, perhaps with a signature. */
export interface WirePart {
  text?: string;
  /** The text is a thought. */
  thought?: true;
  /** Base64. */
  thoughtSignature?: string;
  inlineData?: WireBlob;
  fileData?: WireFile;
  functionCall?: WireCall;
  functionResponse?: WireResult;
}

export interface WireContent {
  role: "user" | "model";
  parts: WirePart[];
}

export interface WireDeclaration {
  name: string;
  description?: string;
  parametersJsonSchema: Record<string, unknown>;
}

export type WireFinishReason = "STOP" | "MAX_TOKENS" | "SAFETY";

export interface WireUsage {
  /** Cached tokens included. */
  promptTokenCount: number;
  /** Thoughts not included. */
  candidatesTokenCount: number;
  totalTokenCount: number;
  cachedContentTokenCount?: number;
  promptTokensDetails?: WireModality[];
  cacheTokensDetails?: WireModality[];
  thoughtsTokenCount?: number;
}

export interface WireModality {
  modality: "TEXT";
  tokenCount: number;
}

export interface WireCandidate {
  content: WireContent;
  finishReason?: WireFinishReason;
  /** Why it ended so, in words. */
  finishMessage?: string;
  index: number;
  logprobsResult?: unknown;
  avgLogprobs?: number;
  groundingMetadata?: Record<string, unknown>;
}

export interface WireResponse {
  /** None where the prompt was refused. */
  candidates?: WireCandidate[];
  usageMetadata?: WireUsage;
  modelVersion: string;
  responseId: string;
}
