import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openSource } from '../../activities/cnapp/registry.js';
import { openFindingDoors } from '../../bin/compose/finding-doors.js';
import { createHints } from '../../client/hints.js';
import { parseConfig } from '../../runtime/config.js';
import { Secret } from '../../runtime/secret.js';
import { timingOf } from '../../runtime/timing.js';
import { taskQueue } from '../../workflows/naming.js';
import { openDesk } from '../client/gateway/support/desk.js';
import { send } from '../client/gateway/support/http.js';
import { depsOf } from '../support/platform-double.js';
import { unique } from '../support/product.js';
import { TEST_PREFIX } from '../support/temporal.js';
import { startWiz, wizIssue } from '../support/wiz-server.js';
import { startWorld, until, WORLD_TIMING, type World } from './world.js';

const SETTINGS = { apiUrl: 'https://api.us1.app.wiz.io/graphql', clientId: 'id', clientSecret: 'env:W' };
const double = startWiz(0);

let world: World;
beforeAll(async () => {
  const source = await openSource({ vendor: 'wiz', name: 'wiz', settings: SETTINGS }, depsOf(double));
  world = await startWorld({
    adapt: (ports) => ({
      ...ports,
      sources: new Map([['wiz', source]]),
      settings: { ...ports.settings, confirmedSources: new Set(['wiz']) },
    }),
  });
}, 120_000);
afterAll(() => world.stop(), 60_000);

it('a notification becomes an explained finding, and its owner is asked', async () => {
  const { ports, organisation } = world.product;
  const name = unique('hook');
  const role = await organisation.addRole({ name });
  const entitySnapshot = {
    ...(wizIssue(1)['entitySnapshot'] as object),
    name,
    providerId: role,
    subscriptionExternalId: role.split(':')[4],
  };
  double.issues.push(wizIssue(1, { entitySnapshot }));
  const doors = await openFindingDoors({
    loaded: parseConfig('sources: [{ vendor: wiz, webhook: { secrets: [env:HOOK] } }]', '/c.yaml'),
    ports,
    publicUrl: 'http://gateway',
    readHinted: createHints({
      client: world.cluster.client,
      coreQueue: taskQueue(TEST_PREFIX, 'core'),
      timing: timingOf('test', WORLD_TIMING),
    }),
    resolveSecret: async () => new Secret('s3cret'),
  });
  const { app } = openDesk({ ledger: ports.ledger, openWebhooks: () => doors, now: ports.now });
  const answer = await send(app, {
    method: 'POST',
    url: '/webhooks/findings/wiz',
    headers: { 'content-type': 'application/json', authorization: 's3cret' },
    payload: JSON.stringify({ trigger: { source: 'ISSUE' }, issue: { id: double.issues[0]?.['id'] } }),
  });
  expect(answer.status).toBe(202);
  const explained = await until(
    'an explanation of the finding',
    async () => {
      const [row] = await ports.ledger.findings({ text: name });
      const drafted = row?.draftDigest === undefined ? undefined : await ports.ledger.draft(row.draftDigest);
      return drafted?.explanation === undefined ? undefined : { row, drafted };
    },
    () => ports.ledger.findings({ text: name }),
  );
  expect(explained.drafted.explanation?.summary).toContain(name);
  const request = await until('a request', async () => {
    const [open] = await ports.ledger.requests({ findingKey: explained.row?.key ?? '', status: 'open' });
    return open;
  });
  expect(request.findingKeys).toEqual([explained.row?.key]);
  await app.close();
}, 60_000);
