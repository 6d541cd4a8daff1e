import { z } from 'zod';
import { ChangeError } from '../../../domain/change/error.js';
import { CHANGE_FORMATS, type RenderedFile, renderChange } from '../../../domain/change/render.js';
import { parseChange } from './change-input.js';

const Input = z.object({ change: z.unknown(), format: z.enum(CHANGE_FORMATS).default('policy') });

/** `curtail change render`: one change in one form, as files. @throws ChangeError */
export function changeRender(input: unknown): { files: RenderedFile[] } {
  const parsed = Input.safeParse(input);
  if (!parsed.success) {
    throw new ChangeError(
      'Malformed',
      `pass {"change": …, "format"?: ${CHANGE_FORMATS.map((each) => `"${each}"`).join('|')}}`,
    );
  }
  return renderChange(parseChange(parsed.data.change), parsed.data.format);
}
