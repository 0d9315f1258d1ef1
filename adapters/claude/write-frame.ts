import { writeSse } from "../sse.ts";

export interface WireEvent {
  type: string;
  [field: string]: unknown;
}

export const writeFrame = (event: WireEvent): string => writeSse(JSON.stringify(event), event.type);

/** The same of events that most answers hold, without an object. */
export const writeTextStart = (index: number): string =>
  `event: content_block_start\ndata: {"type":"content_block_start","index":${index},"content_block":{"type":"text","text":""}}\n\n`;
export const writeStop = (index: number): string =>
  `event: content_block_stop\ndata: {"type":"content_block_stop","index":${index}}\n\n`;
export const MESSAGE_STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
