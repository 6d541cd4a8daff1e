import { openLedger } from '../../../activities/ledger/registry.js';
import { Secret } from '../../../runtime/secret.js';

/** Writes audit rows and evidence until it is killed, and says what was acknowledged. Arguments: its folder. */
const [, , folder = ''] = process.argv;
const ledger = await openLedger(
  { vendor: 'embedded', folder },
  { log: () => undefined, now: Date.now, fetch, folder, resolveSecret: async () => new Secret('') },
);
process.stdout.write('ready\n');
for (let i = 0; ; i += 1) {
  await ledger.audit([
    {
      id: `e${i}`,
      stream: `s${i % 3}`,
      type: 't.t',
      actor: 'curtail',
      atMs: i,
      fields: { i },
      body: { text: `body ${i}` },
    },
  ]);
  process.stdout.write(`${i}\n`);
}
