/** Thrown inside the engine when its allowance is used up; `checkSubset` turns it into UNKNOWN. */
export class BudgetExceeded extends Error {
  readonly code: 'budget-time' | 'budget-nodes';
  constructor(code: 'budget-time' | 'budget-nodes') {
    super(code === 'budget-time' ? 'the time allowance is used up' : 'the node allowance is used up');
    this.name = 'BudgetExceeded';
    this.code = code;
  }
}

/** How much work one question may cost; shared by all of its parts. */
export interface Budget {
  /** Counts one small step of work, or one worth several. @throws BudgetExceeded when time is up. */
  step(worth?: number): void;
  /** Counts one node of the split tree. @throws BudgetExceeded when there are too many. */
  node(): void;
}

const STEPS_PER_LOOK = 512;

/** A budget of `budgetMs` from now on and of `nodes` split nodes. `now` is a clock in milliseconds. */
export function startBudget(budgetMs: number, nodes: number, now: () => number): Budget {
  const deadline = now() + budgetMs;
  let steps = 0;
  let used = 0;
  const look = (): void => {
    if (now() > deadline) throw new BudgetExceeded('budget-time');
  };
  return {
    step(worth = 1) {
      steps += worth;
      if (steps < STEPS_PER_LOOK) return;
      steps = 0;
      look();
    },
    node() {
      used += 1;
      if (used > nodes) throw new BudgetExceeded('budget-nodes');
      look();
    },
  };
}
