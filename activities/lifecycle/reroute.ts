import type { Person } from '../../domain/approval/request.js';
import { NOBODY_KNOWN } from '../../domain/ownership/rules.js';
import type { DraftRow, RequestRow } from '../ledger/port.js';
import { requestUrl } from './ask.js';
import { toldOnce } from './messages.js';
import { routeOwner } from './owner.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { noticeBody } from './ticket.js';

/**
 * Asks the owner of an open request that had none when it was opened, where an owner rule, the CMDB or the directory
 * names one now. The people who were asked before may still decide. Doing it again changes nothing.
 */
export async function rerouteRequest(
  ports: LifecyclePorts,
  row: RequestRow,
  drafted: DraftRow,
): Promise<boolean> {
  const { request, findingKeys } = row;
  if (request.subject !== 'change' || drafted.context.owner.personIds.length > 0) return false;
  const lead = await ports.ledger.finding(findingKeys[0] ?? '');
  if (lead === undefined || lead.owner !== NOBODY_KNOWN) return false;
  const { finding } = lead;
  const { tags, environment } = drafted.context;
  const { id: arn, name } = finding.subject;
  const record = await ports.cmdb.record({ arn, name, tags });
  const settings = finding.account === undefined ? undefined : ports.settings.accounts[finding.account];
  const route = await routeOwner(ports, { finding, environment, tags, record, settings });
  const people = await present(ports, route.personIds);
  if (people.length === 0) return false;
  const owner = route.team ?? route.personIds[0] ?? NOBODY_KNOWN;
  await ports.ledger.extendRequest(
    request.id,
    request.expiresAtMs,
    people.map(({ id }) => id),
  );
  const rung = `new owner ${owner}`.slice(0, 100);
  for (const [index, chat] of ports.chats.entries())
    await toldOnce(ports, { requestId: request.id, rung, chat: `${chat.vendor}/${index}` }, () =>
      chat.send({
        key: `${request.id}/${rung}`,
        to: people.map(({ id, email, name: shown }) => ({ personId: id, email, name: shown })),
        title: row.title,
        body: noticeBody(drafted, row),
        url: requestUrl(ports, request.id),
        buttons: !request.highPrivilege,
        requestId: request.id,
        digest: request.digest,
        ...(route.team !== undefined && { channel: route.team }),
      }),
    );
  const atMs = ports.now();
  await ports.ledger.recordNotice(
    { requestId: request.id, rung, to: people.map(({ id }) => id), deliveredAtMs: atMs },
    [],
  );
  // The row's owner last: until it is written, the next round does all of this again, by the same keys.
  await ports.ledger.setOwner(
    { keys: findingKeys, owner },
    auditEach(
      findingKeys,
      {
        id: `rerouted/${request.id}/${owner}`,
        workflowId: request.workflowId,
        type: 'request.rerouted',
        actor: 'curtail',
        atMs,
      },
      { requestId: request.id, owner, how: route.how.slice(0, 200) },
    ),
  );
  return true;
}

async function present(ports: LifecyclePorts, ids: readonly string[]): Promise<readonly Person[]> {
  const people = await Promise.all(ids.map((id) => ports.directory.standIn(id, ports.now())));
  return people.flatMap((person) => person ?? []);
}
