import { parseArgs } from 'node:util';
import { campaign } from './campaign.js';

/** `npm run test:campaign -- --seed 7 --requests 200000`: prints what was tried, and every contradiction in full. */
const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, requests: { type: 'string', default: '200000' } },
});
const started = performance.now();
const outcome = campaign({ seed: Number(values.seed), requests: Number(values.requests) });
console.log(
  JSON.stringify({ ...outcome, seconds: Math.round((performance.now() - started) / 1000) }, null, 2),
);
process.exitCode = outcome.contradictions.length > 0 ? 1 : 0;
