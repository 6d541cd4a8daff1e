import type { InputFault } from '../../domain/report/model.js';

/** What was asked for cannot be done with what was given; the message says what to do. */
export class WrongUsage extends Error {
  readonly faults: readonly InputFault[];
  constructor(message: string, faults: readonly InputFault[] = [], options?: ErrorOptions) {
    super(message, options);
    this.faults = faults;
  }
}

/** A fault as a line: file, place, reason. */
export function faultLine({ file, place, reason }: InputFault): string {
  return `${file}${place === undefined ? '' : ` (${place})`}: ${reason}`;
}
