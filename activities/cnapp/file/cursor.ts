import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { Position } from '../export/position.js';
import { defined } from '../finding-parts.js';

const PositionShape = z.strictObject({
  form: z.enum(['json', 'lines', 'csv']),
  offset: z.number().int().min(0),
  line: z.number().int().min(1).optional(),
  inList: z.boolean().optional(),
  inside: z.array(z.string()).max(10).optional(),
  columns: z.array(z.string()).max(1000).optional(),
});

const CursorShape = z.strictObject({
  /** Digest of the files that the scan began with. */
  files: z.string(),
  /** Index of the file that is being read. */
  file: z.number().int().min(0),
  at: PositionShape.optional(),
  /** How often the scan began anew because files changed under it. */
  restarts: z.number().int().min(0),
  /** Why this scan cannot be complete, told once everything that can be read was. */
  fault: z.string().optional(),
});

/** Where a scan of files is. */
export interface FileCursor {
  files: string;
  file: number;
  at?: Position;
  restarts: number;
  fault?: string;
}

/** The cursor as opaque text. */
export function writeCursor(cursor: FileCursor): string {
  return JSON.stringify(cursor);
}

/** @throws Failure `input.invalid` for text that `writeCursor` did not write */
export function readCursor(text: string): FileCursor {
  try {
    const { at, fault, ...rest } = CursorShape.parse(JSON.parse(text));
    return {
      ...rest,
      ...defined({ fault }),
      ...(at !== undefined && { at: defined(at) }),
    };
  } catch (error) {
    throw new Failure(
      FailureType.InvalidInput,
      'reading exports: the cursor is not one of ours; begin the scan anew',
      {
        cause: error,
      },
    );
  }
}

/** A short name for the state of the files. */
export function digestOf(stamp: string): string {
  return createHash('sha256').update(stamp).digest('hex').slice(0, 16);
}
