import { isRecord } from '../json.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Whether a text is shaped like a decision on a request of this workflow: a compact JWS whose claims name it. Says
 * nothing about the signature, and costs no activity: a desk that was flooded with noise still hears whoever comes
 * from the gateway.
 */
export function looksLikeGrantFor(grant: string, workflowId: string): boolean {
  if (!COMPACT_JWS.test(grant)) return false;
  const claims = parsed(bytesOf(grant.split('.')[1] ?? ''));
  return (
    isRecord(claims) &&
    claims['workflowId'] === workflowId &&
    typeof claims['requestId'] === 'string' &&
    typeof claims['jti'] === 'string'
  );
}

/** Base64url (RFC 4648 §5) as one character for each byte: enough to compare what is ASCII. */
function bytesOf(text: string): string {
  let bits = 0;
  let held = 0;
  let bytes = '';
  for (const letter of text) {
    held = (held << 6) | ALPHABET.indexOf(letter);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += String.fromCharCode((held >> bits) & 0xff);
    held &= (1 << bits) - 1;
  }
  return bytes;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
