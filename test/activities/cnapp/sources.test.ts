import { LACEWORK_URL } from '../../support/lacework-server.js';
import { cnappSourceContract, platformApiContract } from './port-contract.js';
import { openFile, openLacework, openOrca, openPrisma, openWiz } from './subjects.js';

cnappSourceContract('orca', openFile);
cnappSourceContract('wiz', openWiz);
cnappSourceContract('prisma', openPrisma);
cnappSourceContract('orca', openOrca);
cnappSourceContract('lacework', openLacework);

platformApiContract('wiz', openWiz, { 'retry-after': '7' });
platformApiContract('prisma', openPrisma, {
  'x-ratelimit-requested-tokens': '14',
  'x-ratelimit-replenish-rate': '2',
});
platformApiContract('orca', openOrca, { 'retry-after': '7' });
platformApiContract('lacework', openLacework, { 'ratelimit-reset': '7' });

// Next pages are absolute addresses of this host.
if (!LACEWORK_URL.includes('acme')) throw new Error('the double and the settings name different accounts');
