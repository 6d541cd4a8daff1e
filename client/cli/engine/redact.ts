import { z } from 'zod';
import type { Entity } from '../../../domain/redaction/entity.js';
import { redact } from '../../../domain/redaction/redact.js';
import { checkShape } from './input.js';

const LineShape = z.object({ text: z.string() });

/**
 * `curtail redact`: a text with pseudonyms in place of secrets, identifiers and personal data.
 * @throws PolicyError pointing into the line
 */
export function redactLine(line: unknown): { text: string; entities: readonly Entity[] } {
  const { text } = checkShape(LineShape, line, '{"text": string}');
  const { text: redacted, entities } = redact(text);
  return { text: redacted, entities };
}
