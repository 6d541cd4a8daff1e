import { describe, expect, it } from '@jest/globals';
import type { AuditRow } from '../../../activities/ledger/port.js';
import type { Siem } from '../../../activities/siem/port.js';
import { createSiemPump, type PumpOptions, toSiemEvent } from '../../../activities/siem/pump.js';
import type { Json } from '../../../domain/json.js';

function row(seq: number): AuditRow {
  return {
    seq,
    stream: 's',
    position: seq,
    id: `e${seq}`,
    type: 't.t',
    actor: 'ada',
    atMs: 1_000 + seq,
    findingKey: 'k',
    fields: { seq },
    bodyDigest: 'd',
    body: 'secret evidence',
    previousHash: '0',
    hash: `h${seq}`,
  };
}

/** As much of a ledger as a pump needs. */
function ledgerOf(count: number): {
  ledger: PumpOptions['ledger'];
  items: Map<string, Json>;
  add: () => void;
} {
  const rows = Array.from({ length: count }, (_, i) => row(i + 1));
  const items = new Map<string, Json>();
  return {
    items,
    add: () => rows.push(row(rows.length + 1)),
    ledger: {
      auditOf: async ({ afterSeq = 0, limit = 1_000 }) =>
        rows.filter(({ seq }) => seq > afterSeq).slice(0, limit),
      item: async (bucket, key) => items.get(`${bucket}/${key}`),
      putItem: async ({ bucket, key, value }) => {
        items.set(`${bucket}/${key}`, value);
      },
      removeItem: async (bucket, key) => {
        items.delete(`${bucket}/${key}`);
      },
      claim: async ({ bucket, key }) => {
        if (items.has(`${bucket}/${key}`)) return false;
        items.set(`${bucket}/${key}`, true);
        return true;
      },
    },
  };
}

/** A receiver that refuses the batches with these numbers. */
function receiver(refused: readonly number[] = []): { siem: Siem; got: number[]; batches: number[] } {
  const got: number[] = [];
  const batches: number[] = [];
  let batch = 0;
  const siem: Siem = {
    name: 'test',
    async send(events) {
      batch += 1;
      if (refused.includes(batch)) throw new Error('the receiver is away');
      batches.push(events.length);
      got.push(...events.map(({ seq }) => seq));
    },
  };
  return { siem, got, batches };
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);

describe('the pump of audit events', () => {
  const common = { id: 'one', now: () => 1, log: () => undefined, batch: 10 };

  it('sends everything once, in order and in bounded batches, and then only what is new', async () => {
    const { ledger, add } = ledgerOf(25);
    const { siem, got, batches } = receiver();
    const pump = createSiemPump({ ...common, ledger, siem });
    expect(await pump.run()).toEqual({ outcome: 'sent', sent: 25, position: 25 });
    expect(await pump.run()).toEqual({ outcome: 'sent', sent: 0, position: 25 });
    add();
    expect(await createSiemPump({ ...common, ledger, siem }).run()).toEqual({
      outcome: 'sent',
      sent: 1,
      position: 26,
    });
    expect(got).toEqual(upTo(26));
    expect(batches).toEqual([10, 10, 5, 1]);
  });

  it('goes on where a failure stopped it', async () => {
    const { ledger } = ledgerOf(25);
    const { siem, got } = receiver([2]);
    const pump = createSiemPump({ ...common, ledger, siem });
    await expect(pump.run()).rejects.toThrow('the receiver is away');
    expect(got).toEqual(upTo(10));
    await pump.run();
    expect(got).toEqual(upTo(25));
  });

  it('repeats a batch rather than skip it when its position could not be kept', async () => {
    const { ledger } = ledgerOf(5);
    const { siem, got } = receiver();
    const forgetful = { ...ledger, putItem: async () => Promise.reject(new Error('the ledger is away')) };
    await expect(createSiemPump({ ...common, ledger: forgetful, siem }).run()).rejects.toThrow(
      'the ledger is away',
    );
    await createSiemPump({ ...common, ledger, siem }).run();
    expect(got).toEqual([...upTo(5), ...upTo(5)]);
  });

  it('lets one process send at a time, and receivers keep positions of their own', async () => {
    const { ledger, items } = ledgerOf(5);
    const { siem, got } = receiver();
    items.set('siem-lease/one', true);
    expect(await createSiemPump({ ...common, ledger, siem }).run()).toEqual({ outcome: 'busy' });
    expect(got).toEqual([]);
    expect(await createSiemPump({ ...common, id: 'two', ledger, siem }).run()).toMatchObject({ sent: 5 });
    expect(items.has('siem-lease/two')).toBe(false);
  });

  it('runs again and again until stopped, and logs a failure', async () => {
    const { ledger, add } = ledgerOf(3);
    const { siem, got } = receiver([1]);
    const logged: string[] = [];
    let tell: () => void = () => undefined;
    const all = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const watched: Siem = {
      name: 'watched',
      async send(events) {
        await siem.send(events);
        if (got.length === 3) add();
        if (got.length === 4) tell();
      },
    };
    const pump = createSiemPump({
      ...common,
      ledger,
      siem: watched,
      log: (level, message) => logged.push(`${level} ${message}`),
    });
    const running = pump.start(1);
    const keepAlive = setInterval(() => undefined, 1_000);
    await all;
    clearInterval(keepAlive);
    await running.stop();
    expect(got).toEqual(upTo(4));
    expect(logged).toEqual(['warn siem: audit events could not be sent; they wait']);
  });

  it('never sends a body', () => {
    expect(toSiemEvent(row(3))).toEqual({
      seq: 3,
      stream: 's',
      atIso: '1970-01-01T00:00:01.003Z',
      type: 't.t',
      actor: 'ada',
      findingKey: 'k',
      digest: 'h3',
      fields: { seq: 3 },
    });
  });
});
