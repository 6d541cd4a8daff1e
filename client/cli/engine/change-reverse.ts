import { z } from 'zod';
import { type Change, reverseChange } from '../../../domain/change/change.js';
import { asChange, CHANGE_WORDS, ChangeShape } from './change-input.js';
import { checkShape } from './input.js';

const LineShape = z.object({ change: ChangeShape });

/** `curtail change reverse`: the same change backwards. @throws PolicyError `InvalidInput` pointing at the fault */
export function changeReverse(line: unknown): { change: Change } {
  return { change: reverseChange(asChange(checkShape(LineShape, line, CHANGE_WORDS).change)) };
}
