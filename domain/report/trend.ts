import type { Pair, Report, ReportIdentity, WhatIf } from './model.js';

/** What of an earlier report a trend is computed from. */
export interface EarlierReport {
  generatedIso: string;
  overPermission: number | null;
  /** As they were then, before any fix. */
  effective: number;
  openPaths: number;
  provable: number;
  accounts: ReadonlyMap<string, number | null>;
  /** Over-permission index by identity; null where it had none. */
  identities: ReadonlyMap<string, number | null>;
}

/** How an index moved. */
export interface Move extends Pair {
  /** ARN or account id. */
  of: string;
}

/** What became different since an earlier report. `before` is then, `after` is now. */
export interface Trend {
  sinceIso: string;
  /** Null when one of the reports has none. */
  overPermission: Pair | null;
  effective: Pair;
  openPaths: Pair;
  provable: Pair;
  accounts: readonly Move[];
  /** Identities whose index rose or fell by 5 or more, the widest move first. */
  worse: readonly Move[];
  better: readonly Move[];
  /** Identities that only one of the reports has. */
  appeared: readonly string[];
  gone: readonly string[];
}

/** Smaller moves of an identity's index are noise: one call more or less in the window. */
const NOTABLE = 5;

/** Compares a report with an earlier one of the same scope. */
export function trendOf(
  earlier: EarlierReport,
  now: Pick<Report, 'identities' | 'accounts'> & { whatIf: WhatIf },
): Trend {
  const moves = now.identities.flatMap((each) => moveOf(each, earlier));
  const current = new Set(now.identities.map(({ arn }) => arn));
  const { whatIf, accounts } = now;
  const index = whatIf.overPermission?.before;
  return {
    sinceIso: earlier.generatedIso,
    overPermission:
      earlier.overPermission === null || index === undefined
        ? null
        : { before: earlier.overPermission, after: index },
    effective: { before: earlier.effective, after: whatIf.effective.before },
    openPaths: { before: earlier.openPaths, after: whatIf.openPaths.before },
    provable: {
      before: earlier.provable,
      after: accounts.reduce((sum, { coverage }) => sum + coverage.provable, 0),
    },
    accounts: accounts.flatMap(({ id, overPermission }) => {
      const before = earlier.accounts.get(id);
      return before == null || overPermission === null ? [] : [{ of: id, before, after: overPermission }];
    }),
    worse: moves.filter(({ before, after }) => after - before >= NOTABLE).sort(byWidth),
    better: moves.filter(({ before, after }) => before - after >= NOTABLE).sort(byWidth),
    appeared: now.identities.map(({ arn }) => arn).filter((arn) => !earlier.identities.has(arn)),
    gone: [...earlier.identities.keys()].filter((arn) => !current.has(arn)),
  };
}

function moveOf({ arn, overPermission }: ReportIdentity, { identities }: EarlierReport): Move[] {
  const before = identities.get(arn);
  const { index } = overPermission;
  return before == null || index === null ? [] : [{ of: arn, before, after: index }];
}

function byWidth(a: Move, b: Move): number {
  const width = (move: Move): number => Math.abs(move.after - move.before);
  return width(b) - width(a) || (a.of < b.of ? -1 : 1);
}
