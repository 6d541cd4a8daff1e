/**
 * One line of the mapping table: the event's name (a version's date suffix taken off) and what the call is
 * authorised for, as `action[@resource][?present][!absent]`. `resource` names an entry of
 * `event-resources.ts`; without it the record does not tell which resource was asked for. `?path` and `!path`
 * make the pair conditional on a request parameter that is there or not.
 */
export type EventRow = readonly [eventName: string, ...pairs: string[]];

/** A parsed pair of the mapping table. */
export interface PairTemplate {
  action: string;
  resource?: string;
  whenPresent?: string;
  whenAbsent?: string;
}

const PAIR = /^([a-z0-9-]+:[A-Za-z0-9]+)(?:@(\w+))?(?:\?([\w.[\]-]+))?(?:!([\w.[\]-]+))?$/;

/**
 * Parses a pair as the table writes it.
 * @throws TypeError when the table has a line that does not follow the grammar.
 */
export function parsePair(text: string): PairTemplate {
  const match = PAIR.exec(text);
  const action = match?.[1];
  if (match === null || action === undefined)
    throw new TypeError(`malformed line in the event table: ${text}`);
  const [, , resource, whenPresent, whenAbsent] = match;
  return {
    action,
    ...(resource === undefined ? {} : { resource }),
    ...(whenPresent === undefined ? {} : { whenPresent }),
    ...(whenAbsent === undefined ? {} : { whenAbsent }),
  };
}
