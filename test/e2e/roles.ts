import { parseArgs } from 'node:util';
import { playRoles } from './role-play.js';
import { seeded } from './seeded.js';

/**
 * Kills the gateway and every role at random while findings live through.
 *
 *     npm run test:roles -- [--findings 50] [--seed 1]
 */
const { values } = parseArgs({
  options: { findings: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
});
const startedMs = Date.now();
const { faults, kills } = await playRoles({
  findings: Number(values.findings),
  random: seeded(Number(values.seed)),
  killEveryMs: 15_000,
  patienceMs: 12 * 60_000,
  say: (line) => console.log(line),
});
for (const fault of faults) console.log(`FAIL ${fault}`);
console.log(
  `${values.findings} findings, kills ${JSON.stringify(kills)}, ` +
    `${Math.round((Date.now() - startedMs) / 1_000)} s: ${faults.length} at fault`,
);
process.exit(faults.length === 0 ? 0 : 1);
