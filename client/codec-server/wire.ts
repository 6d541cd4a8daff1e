import type { Payload } from '@temporalio/common';
import { z } from 'zod';

const MAX_PAYLOADS = 2_000;
const Base64 = z.base64();

/** Payloads in protobuf's JSON form, as the Temporal UI and CLI post them to a codec endpoint. */
export const PayloadsBody = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string(), Base64).default({}), data: Base64.default('') }))
    .max(MAX_PAYLOADS),
});
type WirePayload = z.output<typeof PayloadsBody>['payloads'][number];

/** A payload of the wire in bytes. */
export function fromWire({ metadata, data }: WirePayload): Payload {
  const entries = Object.entries(metadata).map(
    ([name, value]) => [name, Buffer.from(value, 'base64')] as const,
  );
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data, 'base64') };
}

/** A payload as it goes back. */
export function toWire({ metadata, data }: Payload): WirePayload {
  const entries = Object.entries(metadata ?? {}).map(
    ([name, value]) => [name, Buffer.from(value).toString('base64')] as const,
  );
  return {
    metadata: Object.fromEntries(entries),
    data: Buffer.from(data ?? new Uint8Array()).toString('base64'),
  };
}
