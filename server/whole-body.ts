import { GatewayError } from "../adapters/errors.ts";

/** A provider's answer that is read whole, as far as it has come. */
export interface WholeBody {
  chunks: Buffer[];
  size: number;
}

/** Throws where it becomes too large to be kept. */
export function addChunk(body: WholeBody, chunk: Buffer): void {
  body.size += chunk.length;
  if (body.size > MAX_BODY) {
    throw new GatewayError("upstream", "the provider's answer is too large to be read whole");
  }
  body.chunks.push(chunk);
}

/** Most come in one piece. */
export const toBytes = ({ chunks }: WholeBody): Buffer =>
  chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);

/** Bytes. */
const MAX_BODY = 64 * 1024 * 1024;
