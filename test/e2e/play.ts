import type { Life } from '../support/product.js';
import type { House } from './house.js';
import { ONCE, until } from './world.js';

const MEASURES = ['detected', 'requested', 'decided', 'fixed', 'verified'];

/**
 * Plays a life to its end whatever dies meanwhile: has it taken in, approves when asked, and follows it. Somebody else
 * lets the platform scan. Returns what went wrong by the journals of the account and of the ticket desk, or by the ledger.
 */
export async function playToTheEnd(
  house: House,
  name: string,
  patienceMs: number,
): Promise<string | undefined> {
  let last: unknown = 'nothing';
  /** Until something is so, although the server or a process may not answer for a while. */
  const patiently = <T>(what: string, probe: () => Promise<T | undefined>): Promise<T> =>
    until(
      what,
      async () => {
        try {
          return await probe();
        } catch (error) {
          last = String(error);
          return undefined;
        }
      },
      () => last,
      patienceMs,
    );
  try {
    const life = await patiently('intake', () => house.begin(name));
    await patiently('a decision to be taken', () => decideOnce(house, life));
    const ended = await patiently('the end', async () => {
      const { status } = await house.handle(life).describe();
      return status.name === 'RUNNING' ? undefined : house.handle(life).result();
    });
    if (ended.outcome !== 'verified') return `ended ${ended.outcome}: ${ended.note}`;
    const effects = await house.effects(life);
    if (JSON.stringify(effects) !== JSON.stringify(ONCE)) return JSON.stringify(effects);
    return await recordFault(house, life);
  } catch (error) {
    return String(error).slice(0, 500);
  }
}

/** Offers a decision, with a new grant, where nobody's was taken yet; one that hears nothing looks. */
async function decideOnce(house: House, life: Life): Promise<true | undefined> {
  const rows = await house.ledger.requests({ findingKey: life.key });
  if (rows.some((row) => row.status === 'approved')) return true;
  const row = rows.find((each) => each.status === 'open' && each.notices.length > 0);
  if (row === undefined) return undefined;
  return (await house.decide(row)).outcome === 'accepted' ? true : undefined;
}

/** What the ledger holds more or less than once. */
async function recordFault({ ledger }: House, life: Life): Promise<string | undefined> {
  const [changes, requests, row, all] = [
    await ledger.changes({ findingKey: life.key }),
    await ledger.requests({ findingKey: life.key }),
    await ledger.finding(life.key),
    await ledger.measures(0),
  ];
  if (row?.stage !== 'closed' || row.outcome !== 'verified')
    return `the ledger says ${row?.stage} ${row?.outcome}`;
  const standing = requests.filter((request) => request.status === 'approved');
  if (standing.length !== 1) return `requests: ${requests.map((request) => request.status).join()}`;
  const measured = all.filter((each) => each.findingKey === life.key).map(({ what }) => what);
  const unmeasured = MEASURES.filter((what) => !measured.includes(what));
  if (unmeasured.length > 0) return `not measured: ${unmeasured.join()}`;
  const done = changes.filter((change) => change.status === 'verified');
  return done.length === 1 ? undefined : `changes: ${changes.map((change) => change.status).join()}`;
}
