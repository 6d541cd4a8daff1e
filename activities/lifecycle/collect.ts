import { z } from 'zod';
import type { Person } from '../../domain/approval/request.js';
import { Failure, FailureType } from '../../domain/failure.js';
import type { Block } from '../../domain/text/block.js';
import type { AskInput } from '../contract.js';
import type { RequestRow } from '../ledger/port.js';
import { requestUrl } from './ask.js';
import type { LifecyclePorts } from './ports.js';

type Ports = Pick<LifecyclePorts, 'ledger' | 'chats' | 'directory' | 'settings' | 'log' | 'now' | 'digest'>;
type Rung = Pick<AskInput, 'requestId' | 'severity' | 'rung'>;

const Held = z.object({
  personId: z.string(),
  requestId: z.string(),
  rung: z.string(),
  channel: z.string().optional(),
  dueAtMs: z.number(),
});
type Held = z.output<typeof Held>;

const TOLD = 'chat-told';
const HELD = 'chat-digest';
/** A collected notice is tried for this long, and known as collected for this long. */
const REMEMBER_MS = 30 * 24 * 3_600_000;
const PER_ROUND = 1_000;
/** Lines of one message; the inbox has the rest. */
const MOST_LINES = 20;

/**
 * Who of these people is told of a request now. Whoever was told `digestAfter` times within the window gets the rest of
 * it as one message when it is over, sent by the desk's round; `digestAtMs` is when the last of those is due. What is
 * critical, the last notice before a request expires, and what is asked again are told at once, so that nobody's
 * time to decide runs before they were told.
 */
export async function collect(
  ports: Ports,
  notice: Rung & { channel?: string },
  people: readonly Person[],
): Promise<{ now: readonly Person[]; digestAtMs?: number }> {
  if (ports.settings.timing.digestWindowMs === 0 || mayNotWait(ports, notice)) return { now: people };
  const now: Person[] = [];
  let digestAtMs: number | undefined;
  for (const person of people) {
    const dueAtMs = await heldUntil(ports, notice, person);
    if (dueAtMs === undefined) now.push(person);
    digestAtMs = dueAtMs === undefined ? digestAtMs : Math.max(dueAtMs, digestAtMs ?? 0);
  }
  return { now, ...(digestAtMs !== undefined && { digestAtMs }) };
}

function mayNotWait(ports: Ports, { severity, rung }: Rung): boolean {
  if (severity === 'critical') return true;
  const notices = ['opened'];
  for (const { act, name } of ports.settings.ladder[severity]) if (act !== 'expire') notices.push(name);
  return !notices.slice(0, -1).includes(rung);
}

async function heldUntil(
  ports: Ports,
  { requestId, rung, channel }: Rung & { channel?: string },
  person: Person,
): Promise<number | undefined> {
  const key = `${requestId}/${rung}/${person.id}`;
  const nowMs = ports.now();
  // An attempt that is repeated finds what the first one collected, sent meanwhile or not.
  const before = await ports.ledger.item(HELD, key, nowMs);
  if (before !== undefined) return Held.safeParse(before).data?.dueAtMs ?? nowMs;
  const told = await toldLately(ports, person.id);
  const { digestAfter, timing } = ports.settings;
  if (told.length < digestAfter) return undefined;
  const dueAtMs = Math.min(...told) + timing.digestWindowMs;
  const value = {
    personId: person.id,
    requestId,
    rung,
    dueAtMs,
    ...(channel !== undefined && { channel }),
  };
  await ports.ledger.claim({ bucket: HELD, key, value, expiresAtMs: dueAtMs + REMEMBER_MS, nowMs });
  return dueAtMs;
}

/** Counts a message that these people have just got. */
export async function countTold(ports: Ports, people: readonly Person[]): Promise<void> {
  const { digestWindowMs } = ports.settings.timing;
  if (digestWindowMs === 0) return;
  for (const { id } of people) {
    const value = [...(await toldLately(ports, id)), ports.now()];
    await ports.ledger.putItem({
      bucket: TOLD,
      key: id,
      value,
      expiresAtMs: ports.now() + digestWindowMs,
    });
  }
}

async function toldLately(ports: Ports, personId: string): Promise<readonly number[]> {
  const nowMs = ports.now();
  const times = z.array(z.number()).safeParse(await ports.ledger.item(TOLD, personId, nowMs));
  const sinceMs = nowMs - ports.settings.timing.digestWindowMs;
  return times.success ? times.data.filter((atMs) => atMs > sinceMs) : [];
}

/**
 * Sends what was collected and is due, one message a person and channel, and returns how many. What was decided
 * meanwhile is left out. A chat that fails is tried again by the next round.
 */
export async function sendDigests(ports: Ports): Promise<number> {
  const nowMs = ports.now();
  const held = await ports.ledger.held({ bucket: HELD, nowMs, limit: PER_ROUND });
  const groups = new Map<string, { key: string; notice: Held }[]>();
  for (const { key, value } of held) {
    const notice = Held.safeParse(value).data;
    if (notice === undefined || notice.dueAtMs > nowMs) continue;
    const group = JSON.stringify([notice.personId, notice.channel ?? null]);
    groups.set(group, [...(groups.get(group) ?? []), { key, notice }]);
  }
  let sent = 0;
  for (const group of groups.values()) {
    try {
      if (await sendDigest(ports, group)) sent += 1;
    } catch (error) {
      if (!(error instanceof Failure) || error.type === FailureType.LedgerUnavailable) throw error;
      ports.log('warn', 'a digest of requests waits for the next round', { type: error.type });
    }
  }
  return sent;
}

async function sendDigest(ports: Ports, group: readonly { key: string; notice: Held }[]): Promise<boolean> {
  const [first] = group;
  const person = await ports.directory.person(first?.notice.personId ?? '');
  const rows = await Promise.all(group.map(({ notice }) => ports.ledger.request(notice.requestId)));
  const open = new Map(rows.flatMap((row) => (row?.status === 'open' ? [[row.request.id, row]] : [])));
  if (person !== undefined && open.size > 0) {
    const requests = [...open.values()];
    const key = ports.digest(group.map((each) => each.key).join('\n')).slice(0, 32);
    const count = requests.length === 1 ? 'One more request waits' : `${requests.length} more requests wait`;
    for (const chat of ports.chats)
      await chat.send({
        key: `digest/${key}`,
        to: [{ personId: person.id, email: person.email, name: person.name }],
        title: `${count} for your decision`,
        body: linesOf(ports, requests),
        url: `${ports.settings.publicUrl}/`,
        buttons: false,
        requestId: `digest/${key}`,
        digest: '',
        ...(first?.notice.channel !== undefined && { channel: first.notice.channel }),
      });
  }
  for (const { key, notice } of group) {
    if (person !== undefined && open.has(notice.requestId)) {
      const { requestId, rung, personId } = notice;
      const told = { requestId, rung: `${rung}, in a digest to ${personId}`, to: [personId] };
      await ports.ledger.recordNotice({ ...told, deliveredAtMs: ports.now() }, []);
    }
    const expiresAtMs = notice.dueAtMs + REMEMBER_MS;
    await ports.ledger.putItem({ bucket: HELD, key, value: true, expiresAtMs });
  }
  return person !== undefined && open.size > 0;
}

function linesOf(ports: Ports, requests: readonly RequestRow[]): readonly Block[] {
  const links = requests.slice(0, MOST_LINES).map(
    (row): Block => ({
      type: 'link',
      text: `${row.title} (risk ${row.riskScore}, ${row.environment})`,
      url: requestUrl(ports, row.request.id),
    }),
  );
  const more = requests.length - links.length;
  return more === 0 ? links : [...links, { type: 'paragraph', text: `And ${more} more in your inbox.` }];
}
