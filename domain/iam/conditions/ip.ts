import { type ConditionFamily, never } from './family.js';

/** An address as its 16-bit groups: 2 for IPv4, 8 for IPv6. */
export type Address = readonly number[];

/** Reads an IPv4 or IPv6 address (RFC 4291, with `::` and an embedded IPv4); undefined for anything else. */
export function readAddress(text: string): Address | undefined {
  return text.includes(':') ? readV6(text) : readV4(text);
}

function readV4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  const [a = 256, b = 256, c = 256, d = 256] = bytes;
  return bytes.some((byte) => byte > 255) ? undefined : [a * 256 + b, c * 256 + d];
}

function readV6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = readGroups(halves[0] ?? '');
  const tail = halves.length === 2 ? readGroups(halves[1] ?? '') : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1) return missing === 0 ? head : undefined;
  return missing < 1 ? undefined : [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function readGroups(text: string): readonly number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (i === parts.length - 1 && part.includes('.')) {
      const v4 = readV4(part);
      if (v4 === undefined) return undefined;
      groups.push(...v4);
      continue;
    }
    if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined;
    groups.push(Number.parseInt(part, 16));
  }
  return groups;
}

/** A range of addresses: those that share the first `bits` bits. */
export interface AddressRange {
  address: Address;
  bits: number;
}

/** Reads `203.0.113.0/24`, `2001:db8::/32`, or one address as the range of itself. */
export function readRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  const address = readAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const most = address.length * 16;
  if (slash < 0) return { address, bits: most };
  const written = text.slice(slash + 1);
  const bits = /^\d{1,3}$/.test(written) ? Number(written) : most + 1;
  return bits > most ? undefined : { address, bits };
}

/** Whether an address lies in a range; IPv4 and IPv6 never meet. */
export function inRange(address: Address, range: AddressRange): boolean {
  if (address.length !== range.address.length) return false;
  for (let i = 0; i * 16 < range.bits; i += 1) {
    const kept = Math.min(16, range.bits - i * 16);
    const shift = 16 - kept;
    if ((address[i] ?? 0) >> shift !== (range.address[i] ?? 0) >> shift) return false;
  }
  return true;
}

/** `IpAddress`, `NotIpAddress`. What is no address matches nothing. */
export const ipFamily: ConditionFamily = (_operator, { text }) => {
  const range = readRange(text);
  if (range === undefined) return never;
  return (asked) => {
    const address = readAddress(asked);
    return address !== undefined && inRange(address, range);
  };
};
