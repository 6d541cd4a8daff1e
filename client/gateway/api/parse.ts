import type { z } from 'zod';
import { PageError } from '../page-error.js';

/** Parses what a caller sent, or says which member is wrong. @throws PageError 400 */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'request' : issue.path.join('.');
  throw new PageError(400, 'Bad request', `${where}: ${issue?.message ?? 'not understood'}`);
}
