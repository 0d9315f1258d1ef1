import zlib from "node:zlib";
import { GatewayError } from "../adapters/errors.ts";

/** Takes a request's body apart as it comes; tells the client's bytes. Undefined: it is not encoded. */
export interface BodyDecoder {
  push: (chunk: Buffer) => void;
  end: () => void;
  destroy: () => void;
}

export interface DecodeSink {
  onData: (chunk: Buffer) => void;
  onEnd: () => void;
  onError: (error: GatewayError) => void;
}

/**
 * A decoder for a `content-encoding`, or undefined where there is none. Throws `invalid-request` (415) for one that
 * this Node.js cannot read. The sink counts what comes out, and destroys the decoder when it is too much.
 */
export function createDecoder(encoding: string | undefined, sink: DecodeSink): BodyDecoder | undefined {
  const name = encoding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return undefined;
  const create = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
  if (!create) throw unknownEncoding(name);
  const stream = create();
  stream.on("data", sink.onData);
  stream.on("end", sink.onEnd);
  stream.on("error", (cause) =>
    sink.onError(
      new GatewayError(
        "invalid-request",
        `content-encoding: expected a body in ${name}, got what is none or is cut off`,
        {
          cause,
          param: "content-encoding",
        },
      ),
    ),
  );
  return {
    push: (chunk) => void stream.write(chunk),
    end: () => void stream.end(),
    destroy: () => void stream.destroy(),
  };
}

function unknownEncoding(name: string): GatewayError {
  const known = Object.keys(DECODERS).join(", ");
  const hint = name === "zstd" ? " (zstd needs Node.js 22.15 or later where the daemon runs)" : "";
  return new GatewayError(
    "invalid-request",
    `content-encoding: expected none or one of ${known}, got ${name.slice(0, 100)}${hint}`,
    { param: "content-encoding", code: "unsupported_content_encoding", status: 415 },
  );
}

type Decoder = ReturnType<typeof zlib.createGunzip>;
const { createZstdDecompress } = zlib as unknown as { createZstdDecompress?: () => Decoder };

/** One encoding at a time: nobody encodes twice but to harm. */
const DECODERS: Record<string, () => Decoder> = {
  gzip: zlib.createGunzip,
  "x-gzip": zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
  ...(createZstdDecompress && { zstd: createZstdDecompress }),
};
