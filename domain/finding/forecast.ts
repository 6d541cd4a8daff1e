import type { Phase } from '../lifecycle/stage.js';

/** What would become of one open finding if its life began now. */
export type ForecastLine =
  /** Nothing would be sent: kept below the floor, never touched, in an account that is not configured, or begun already. */
  | { fate: 'below-floor' | 'never-touch' | 'not-configured' | 'begun' }
  | {
      fate: 'begins';
      phase: Phase;
      account: string;
      team?: string;
      /** Who would be asked; empty when no owner is known and the security team is. */
      personIds: readonly string[];
      /** What it shares with others: they are one ticket. */
      cause: string;
      /** A standing approval could let its change through without asking. */
      standing: boolean;
    };

/** Figures of findings that would begin. All are upper bounds: a draft that cannot be proved asks nobody. */
export interface ForecastFigures {
  findings: number;
  tickets: number;
  people: number;
  /** Findings without a known owner. */
  withoutOwner: number;
  /** Changes that could be made without a person's decision. */
  changes: number;
}
/** Figures of one phase, account and team. */
export interface ForecastGroup extends ForecastFigures {
  phase: Phase;
  account: string;
  team: string;
}

/** What would be sent if the findings of a source began their lives now. */
export interface Forecast {
  /** Findings that are open at the source. */
  open: number;
  belowFloor: number;
  neverTouch: number;
  notConfigured: number;
  begun: number;
  phases: readonly (ForecastFigures & { phase: Phase })[];
  /** The largest first. */
  groups: readonly ForecastGroup[];
}

type Begins = Extract<ForecastLine, { fate: 'begins' }>;

const PHASES: readonly Phase[] = ['observe', 'assist', 'automate'];
const NO_TEAM = 'no owner known';

/** Adds the lines up, by phase, account and team. */
export function forecastOf(lines: readonly ForecastLine[]): Forecast {
  const begins = lines.filter((line) => line.fate === 'begins');
  const count = (fate: ForecastLine['fate']): number => lines.filter((line) => line.fate === fate).length;
  const groups = new Map<string, Begins[]>();
  for (const line of begins) {
    const group = JSON.stringify([line.phase, line.account, line.team ?? NO_TEAM]);
    groups.set(group, [...(groups.get(group) ?? []), line]);
  }
  return {
    open: lines.length,
    belowFloor: count('below-floor'),
    neverTouch: count('never-touch'),
    notConfigured: count('not-configured'),
    begun: count('begun'),
    phases: PHASES.flatMap((phase) => {
      const of = begins.filter((line) => line.phase === phase);
      return of.length === 0 ? [] : [{ phase, ...figuresOf(of) }];
    }),
    groups: [...groups.values()]
      .flatMap((group) => {
        const [first] = group;
        if (first === undefined) return [];
        const { phase, account, team = NO_TEAM } = first;
        return [{ phase, account, team, ...figuresOf(group) }];
      })
      .sort((a, b) => b.tickets - a.tickets || b.findings - a.findings || (a.account < b.account ? -1 : 1)),
  };
}

/** In `observe` nobody is asked and nothing is changed; in `assist` nothing is changed without a decision. */
function figuresOf(lines: readonly Begins[]): ForecastFigures {
  const asking = lines.filter(({ phase }) => phase !== 'observe');
  const unattended = asking.filter(({ phase, standing }) => phase === 'automate' && standing);
  return {
    findings: lines.length,
    tickets: new Set(asking.map(({ cause }) => cause)).size,
    people: new Set(asking.flatMap(({ personIds }) => personIds)).size,
    withoutOwner: lines.filter(({ personIds }) => personIds.length === 0).length,
    changes: new Set(unattended.map(({ cause }) => cause)).size,
  };
}
