import { genericMap } from './generic/map.js';
import { laceworkMap } from './lacework/map.js';
import { orcaMap } from './orca/map.js';
import { prismaMap } from './prisma/map.js';
import type { PlatformMaps } from './record-map.js';
import { wizMap } from './wiz/map.js';

/** How each platform's records are read. A platform without its line stops the build. */
export const platformMaps: PlatformMaps = {
  wiz: wizMap,
  prisma: prismaMap,
  orca: orcaMap,
  lacework: laceworkMap,
  generic: genericMap,
};
