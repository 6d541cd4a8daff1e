import { z } from 'zod';
import { CHANGE_FORMATS, type RenderedFile, renderChange } from '../../../domain/change/render.js';
import { asChange, CHANGE_WORDS, ChangeShape } from './change-input.js';
import { checkShape } from './input.js';

const LineShape = z.object({ change: ChangeShape, format: z.enum(CHANGE_FORMATS).default('policy') });

/**
 * `curtail change render`: one change in one form, as files.
 * @throws PolicyError `InvalidInput` pointing at the fault, ChangeError when the form cannot say it
 */
export function changeRender(line: unknown): { files: RenderedFile[] } {
  const { change, format } = checkShape(
    LineShape,
    line,
    `${CHANGE_WORDS}, "format"?: ${CHANGE_FORMATS.join('|')}`,
  );
  return renderChange(asChange(change), format);
}
