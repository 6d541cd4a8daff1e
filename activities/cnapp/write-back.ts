import { createHash } from 'node:crypto';

/** What a write-back answers. */
export type Written = { where: string } | { refused: string };

/** Longest comment that is sent. */
const MAX_COMMENT = 8000;

/** A short mark made of an idempotency key. Platforms have no keys of their own, so the mark in the text tells that it is there. */
export function markOf(key: string): string {
  return `curtail-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

/** The text with its mark. */
export function withMark(text: string, key: string): string {
  return `${text.slice(0, MAX_COMMENT)}\n\n[${markOf(key)}]`;
}
