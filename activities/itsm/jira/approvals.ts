import { z } from 'zod';
import type { TicketApproval } from '../port.js';
import type { JiraConfig } from './config.js';
import { accountNames } from './site.js';
import type { Send } from './transport.js';

const Account = z.object({ accountId: z.string().min(1), emailAddress: z.string().optional() });
const ServiceApproval = z.object({
  id: z.string(),
  approvers: z.array(z.object({ approver: Account, approverDecision: z.string() })),
  createdDate: z.object({ epochMillis: z.number() }).optional(),
  completedDate: z.object({ epochMillis: z.number() }).optional(),
});
const ServiceApprovals = z.union([z.object({ values: z.array(ServiceApproval) }), z.looseObject({})]);
const Changelog = z.object({
  isLast: z.boolean().default(true),
  values: z.array(
    z.object({
      id: z.string(),
      author: Account.optional(),
      created: z.string(),
      items: z.array(z.record(z.string(), z.unknown())),
    }),
  ),
});
const PAGE = 100;
const MAX_PAGES = 20;

/** What people decided about an issue, oldest first, read from the site and never from a callback. */
export async function readApprovals(
  send: Send,
  issueId: string,
  config: Pick<JiraConfig, 'approvals' | 'identify'>,
): Promise<readonly TicketApproval[]> {
  const { approvals, identify } = config;
  if (approvals.kind === 'none' || !/^[A-Za-z0-9_-]{1,100}$/.test(issueId)) return [];
  if (approvals.kind === 'service-management') return byApprovers(send, issueId, identify);
  return byTransitions(send, issueId, { ...approvals, identify });
}

/** Approvals of Jira Service Management. Only an assigned approver can have answered, and only as themselves. */
async function byApprovers(
  send: Send,
  issueId: string,
  identify: JiraConfig['identify'],
): Promise<readonly TicketApproval[]> {
  const { status, body } = await send({
    doing: 'reading approvals',
    method: 'GET',
    path: `rest/servicedeskapi/request/${issueId}/approval?limit=${PAGE}`,
    answer: ServiceApprovals,
    alsoGood: [404],
  });
  if (status === 404 || !('values' in body)) return [];
  const { values } = body as { values: readonly z.output<typeof ServiceApproval>[] };
  return values.flatMap((approval) =>
    approval.approvers.flatMap(({ approver, approverDecision }) => {
      if (approverDecision !== 'approved' && approverDecision !== 'declined') return [];
      const atMs = approval.completedDate?.epochMillis ?? approval.createdDate?.epochMillis ?? 0;
      return [
        {
          id: `${approval.id}.${approver.accountId}.${approverDecision}`,
          verdict: approverDecision === 'approved' ? ('approve' as const) : ('reject' as const),
          names: accountNames(approver.accountId, approver.emailAddress, identify),
          atIso: new Date(atMs).toISOString(),
        },
      ];
    }),
  );
}

/** Moves of the issue into the status that stands for a decision. Who moved it decided; the workflow says who may. */
async function byTransitions(
  send: Send,
  issueId: string,
  config: { approved: string; rejected?: string | undefined; identify: JiraConfig['identify'] },
): Promise<readonly TicketApproval[]> {
  const found: TicketApproval[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { body } = await send({
      doing: 'reading what changed',
      method: 'GET',
      path: `rest/api/3/issue/${issueId}/changelog?startAt=${page * PAGE}&maxResults=${PAGE}`,
      answer: Changelog,
    });
    for (const change of body.values) {
      const verdict = verdictOf(change.items, config);
      if (verdict === undefined || change.author === undefined) continue;
      const { accountId, emailAddress } = change.author;
      const at = Date.parse(change.created.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
      found.push({
        id: change.id,
        verdict,
        names: accountNames(accountId, emailAddress, config.identify),
        atIso: new Date(Number.isNaN(at) ? 0 : at).toISOString(),
      });
    }
    if (body.isLast || body.values.length === 0) break;
  }
  return found.toSorted((a, b) => a.atIso.localeCompare(b.atIso));
}

/** The entry's new status is its own member `toString`: it is asked for as such, not as every object's method. */
function verdictOf(
  items: readonly Readonly<Record<string, unknown>>[],
  { approved, rejected }: { approved: string; rejected?: string | undefined },
): TicketApproval['verdict'] | undefined {
  for (const item of items) {
    if (item['field'] !== 'status' || !Object.hasOwn(item, 'toString')) continue;
    const status: unknown = Object.getOwnPropertyDescriptor(item, 'toString')?.value;
    if (status === approved) return 'approve';
    if (rejected !== undefined && status === rejected) return 'reject';
  }
  return undefined;
}
