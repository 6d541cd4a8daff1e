import { type Change, reverseChange } from '../../../domain/change/change.js';
import { ChangeError } from '../../../domain/change/error.js';
import { isRecord } from '../../../domain/json.js';
import { parseChange } from './change-input.js';

/** `curtail change reverse`: the same change backwards. @throws ChangeError */
export function changeReverse(input: unknown): { change: Change } {
  if (!isRecord(input) || input['change'] === undefined)
    throw new ChangeError('Malformed', 'pass {"change": …}');
  return { change: reverseChange(parseChange(input['change'])) };
}
