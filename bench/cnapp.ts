import { parseArgs } from 'node:util';
import { exportRead } from './cnapp/export.js';
import { perPlatform } from './cnapp/platforms.js';
import { polledWithKills } from './cnapp/polled.js';

/**
 * Findings of the platforms: how fast an export and each platform's list are read, how many calls that takes, and what is
 * lost or doubled when the workers' process is killed under a poll. `--findings 100000 --kills 5`; prints one JSON document.
 */
const { values } = parseArgs({
  options: { findings: { type: 'string', default: '100000' }, kills: { type: 'string', default: '5' } },
});
const findings = Number(values.findings);
const platforms = await perPlatform(Math.min(findings, 20_000));
const read = await exportRead(findings);
const polled = await polledWithKills(findings, Number(values.kills));
console.log(JSON.stringify({ export: read, platforms, polled }));
process.exit(0);
