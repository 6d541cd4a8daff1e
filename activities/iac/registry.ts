import type { Adapter } from '../adapter.js';
import { localGit } from './local-git.js';
import type { ChangeHost } from './port.js';

/** Hosts of infrastructure code that can be configured. */
export type ChangeHostVendor = 'local-git';

/** Adding a vendor is one file and one line here; forgetting the line stops the build. */
export const changeHostAdapters = { 'local-git': localGit } satisfies Record<
  ChangeHostVendor,
  Adapter<ChangeHost>
>;
