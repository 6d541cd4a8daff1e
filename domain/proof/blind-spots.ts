import type { LoggingScope } from '../usage/logging.js';
import { windowDays } from '../usage/seasonality.js';
import type { UsageLog } from '../usage/usage.js';
import type { ActionReason, UsageAccounting } from './proof.js';

/** Shorter windows than this cannot have seen what runs once a quarter. */
const QUARTER_DAYS = 90;

/**
 * What the log could not show, each a sentence. Data events that are not logged matter only where actions are kept
 * for that reason.
 */
export function blindSpotsOf(question: {
  log: UsageLog;
  logging: LoggingScope;
  window: { fromIso: string; toIso: string };
  kept: readonly ActionReason[];
  usage: UsageAccounting;
}): string[] {
  const { log, logging, window, kept, usage } = question;
  const spots: string[] = [];
  const days = windowDays(window.fromIso, window.toIso);
  if (days < QUARTER_DAYS) {
    spots.push(`The window covers ${days} days; what runs once a quarter or once a year may not be in it.`);
  }
  if (!logging.management) spots.push('Management events are not declared as logged.');
  const unlogged = new Set(
    kept
      .filter((each) => each.reasonCode === 'data-events-not-logged')
      .map((each) => each.action.split(':')[0] ?? ''),
  );
  if (unlogged.size > 0) {
    const list = [...unlogged].sort();
    const shown = list.slice(0, 8).join(', ');
    const more = list.length > 8 ? ` and ${list.length - 8} more services` : '';
    spots.push(`Data events are not declared as logged for ${shown}${more}; their unused actions are kept.`);
  }
  const unmapped = log.calls.filter((call) => call.pairs.length === 0 && !call.service && call.count > 0);
  if (unmapped.length > 0) {
    const names = unmapped
      .slice(0, 5)
      .map((call) => call.name)
      .join(', ');
    spots.push(`${count(unmapped)} events have no known IAM action (${names}).`);
  }
  if (usage.notAllowedBefore > 0) {
    spots.push(
      `${usage.notAllowedBefore} events asked for what the policies at hand do not allow: something else allowed them, so they could not be replayed.`,
    );
  }
  if (log.malformed > 0) spots.push(`${log.malformed} records of the log could not be read.`);
  return spots;
}

function count(calls: readonly { count: number }[]): number {
  return calls.reduce((sum, call) => sum + call.count, 0);
}
