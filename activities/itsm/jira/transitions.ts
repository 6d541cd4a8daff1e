import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { TicketState } from '../port.js';
import type { JiraConfig } from './config.js';
import type { Issue } from './site.js';
import type { Send } from './transport.js';

type Written = 'in-progress' | 'done' | 'closed' | 'rejected';
const Transitions = z.object({
  transitions: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      to: z.object({ name: z.string(), statusCategory: z.object({ key: z.string() }).optional() }),
    }),
  ),
});
/** The category that each of our states has in every workflow. */
const CATEGORY: Readonly<Record<Written, string>> = {
  'in-progress': 'indeterminate',
  done: 'done',
  closed: 'done',
  rejected: 'done',
};
const STATE: ReadonlyMap<string, TicketState> = new Map([
  ['new', 'open'],
  ['undefined', 'open'],
  ['indeterminate', 'in-progress'],
  ['done', 'done'],
]);

/** An issue's state in our words: by its status where that is configured, else by the status' category. */
export function stateOf(issue: Issue, config: Pick<JiraConfig, 'statuses' | 'approvals'>): TicketState {
  const status = issue.fields.status;
  if (status === undefined) return 'open';
  const { approvals, statuses } = config;
  if (Object.hasOwn(statuses, status.name)) return statuses[status.name] ?? 'open';
  if (approvals.kind === 'transition' && status.name === approvals.approved) return 'approved';
  if (approvals.kind === 'transition' && status.name === approvals.rejected) return 'rejected';
  return STATE.get(status.statusCategory?.key ?? '') ?? 'open';
}

/** Moves an issue; returns why not, when its workflow has no such step from here or refuses it. */
export async function move(
  send: Send,
  issue: Issue,
  state: Written,
  config: Pick<JiraConfig, 'transitions'>,
): Promise<string | undefined> {
  const wanted = config.transitions[state]?.toLowerCase();
  const { status } = issue.fields;
  const isThere =
    wanted === undefined
      ? status?.statusCategory?.key === CATEGORY[state]
      : status?.name.toLowerCase() === wanted;
  if (isThere) return undefined;
  const path = `rest/api/3/issue/${issue.id}/transitions`;
  const { body } = await send({ doing: 'reading transitions', method: 'GET', path, answer: Transitions });
  const step = body.transitions.find(({ name, to }) =>
    wanted === undefined
      ? to.statusCategory?.key === CATEGORY[state]
      : name.toLowerCase() === wanted || to.name.toLowerCase() === wanted,
  );
  if (step === undefined) return 'its workflow has no such step from here';
  try {
    const answer = z.unknown();
    await send({
      doing: 'moving an issue',
      method: 'POST',
      path,
      body: { transition: { id: step.id } },
      answer,
      write: true,
    });
    return undefined;
  } catch (error) {
    if (error instanceof Failure && error.type === FailureType.VendorRejected) return error.message;
    throw error;
  }
}
