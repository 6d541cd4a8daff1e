import { z } from 'zod';
import type { AdapterDeps } from '../../adapter.js';
import { type Capability, tried } from '../../capability.js';
import { createHttp } from '../../http.js';
import type { SlackConfig } from './config.js';

/** Scopes of the bot token, what each is for, and what happens without it. Of `|` one is enough. */
const WANTED = [
  ['chat:write', 'post and change messages', 'nothing works'],
  [
    'channels:history|groups:history',
    'find messages again',
    'a notice may be posted twice after a lost answer',
  ],
  ['users:read', 'tell who clicked', 'only the page and tickets can decide'],
  ['users:read.email', 'know people by their addresses', 'only accounts that the directory maps can decide'],
] as const;

/** What the token may do: Slack states the granted scopes with every answer. */
export async function probeSlack(config: SlackConfig, deps: AdapterDeps): Promise<readonly Capability[]> {
  const token = await deps.resolveSecret(config.token);
  const http = createHttp({
    vendor: 'slack',
    baseUrl: config.apiUrl,
    fetch: deps.fetch,
    now: deps.now,
    headers: async () => ({ authorization: `Bearer ${token.reveal()}` }),
  });
  let granted: ReadonlySet<string> | undefined;
  const login = await tried({ what: 'sign in', needs: 'a bot token (xoxb-…)' }, async () => {
    const answer = z.object({
      ok: z.boolean(),
      error: z.string().optional(),
      team_id: z.string().optional(),
    });
    const { body, headers } = await http.send({
      doing: 'auth.test',
      method: 'POST',
      path: 'auth.test',
      answer,
    });
    if (!body.ok) return `Slack says ${body.error ?? 'no'}`;
    const scopes = headers.get('x-oauth-scopes');
    if (scopes !== null) granted = new Set(scopes.split(',').map((scope) => scope.trim()));
    const team = config.callbacks?.team;
    return team === undefined || team === body.team_id
      ? undefined
      : `the token is of workspace ${body.team_id ?? 'unknown'}, callbacks.team is ${team}`;
  });
  if (login.ok !== true) return [login];
  return [
    login,
    ...WANTED.map(([needs, what, without]): Capability => {
      if (granted === undefined) return { what, needs, ok: 'unknown', note: 'Slack stated no scopes' };
      const ok = needs.split('|').some((scope) => granted?.has(scope) === true);
      return { what, needs, ok, note: ok ? '' : without };
    }),
    {
      what: 'take clicks and questions',
      needs: config.callbacks === undefined ? 'callbacks' : 'interactivity and events switched on in the app',
      ok: config.callbacks === undefined ? false : 'unknown',
      note:
        config.callbacks === undefined
          ? 'buttons lead nowhere; people decide on the page'
          : 'tried with the first click',
    },
  ];
}
