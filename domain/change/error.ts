/** Why a change cannot be read or applied: what is wrong and what to do. The adapter maps it to its failure type. */
export class ChangeError extends Error {
  /** `UnknownEntity`: the target does not exist. `Malformed`: target or state has the wrong shape. `Refused`: the cloud would say no. */
  readonly type: 'UnknownEntity' | 'Malformed' | 'Refused';
  constructor(type: ChangeError['type'], message: string) {
    super(message);
    this.name = 'ChangeError';
    this.type = type;
  }
}
