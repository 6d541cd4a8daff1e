import { z } from 'zod';
import { type Capability, tried } from '../../capability.js';
import type { JiraConfig } from './config.js';
import { whoAmI } from './site.js';
import type { Send } from './transport.js';

const Permissions = z.object({
  permissions: z.record(z.string(), z.object({ havePermission: z.boolean() })),
});
/** Permissions of a project, what each is for, and what happens without it. */
const WANTED = [
  ['BROWSE_PROJECTS', 'find and read issues', 'nothing works'],
  ['CREATE_ISSUES', 'open tickets', 'no ticket is opened'],
  ['EDIT_ISSUES', 'mark duplicates', 'a duplicate keeps its label'],
  ['ADD_COMMENTS', 'comment', 'tickets do not say how they ended'],
  ['CREATE_ATTACHMENTS', 'attach policies and proof', 'opening a ticket fails'],
  ['TRANSITION_ISSUES', 'move issues', 'tickets keep their status; a comment says theirs'],
  ['ASSIGN_ISSUES', 'assign issues', 'opening a ticket with an assignee fails'],
] as const;

/** What the account may do in the project, as the site states it. */
export async function probeJira(send: Send, config: JiraConfig): Promise<readonly Capability[]> {
  const login = await tried({ what: 'sign in', needs: 'a token that counts' }, async () => {
    await whoAmI(send);
    return undefined;
  });
  if (login.ok !== true) return [login];
  const query = new URLSearchParams({
    projectKey: config.project,
    permissions: WANTED.map(([name]) => name).join(','),
  });
  const { body } = await send({
    doing: 'asking for permissions',
    method: 'GET',
    path: `rest/api/3/mypermissions?${query}`,
    answer: z.union([Permissions, z.looseObject({})]),
    alsoGood: [400, 403, 404],
  });
  if (!('permissions' in body))
    return [
      login,
      {
        what: 'read permissions',
        needs: 'read:permission:jira',
        ok: false,
        note: `the site does not say: is there a project ${config.project}?`,
      },
    ];
  const { permissions } = body as z.output<typeof Permissions>;
  return [
    login,
    ...WANTED.map(([needs, what, without]): Capability => {
      const ok = permissions[needs]?.havePermission === true;
      return { what, needs, ok, note: ok ? '' : without };
    }),
  ];
}
