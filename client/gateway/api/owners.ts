import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  ownerRules,
  ownerRulesHistory,
  previewOwnerRules,
  saveOwnerRules,
  unownedGroups,
} from '../../owner-rules/book.js';
import { MAX_RULES_TEXT, readOwnerRules } from '../../owner-rules/read.js';
import { mayRule } from '../access.js';
import type { Gateway } from '../kit.js';
import { PageError } from '../page-error.js';
import { parsed } from './parse.js';

const textBody = z.object({ text: z.string().max(MAX_RULES_TEXT) });
const saveBody = textBody.extend({
  session: z.string().max(64),
  baseVersion: z.number().int().min(0),
  note: z.string().trim().min(1).max(300).optional(),
});

/** A group of findings without an owner, as a list shows it. */
export interface UnownedLine {
  account: string | null;
  tag: string | null;
  findings: number;
  examples: readonly string[];
}

/** Owner rules for the command line. Saving needs a person's own sign-in: a rule says who may decide. */
export function registerOwnerApi(app: FastifyInstance, gateway: Gateway): void {
  const { ledger, sessions } = gateway;

  app.get('/owners', async () => {
    const groups = await unownedGroups(ledger);
    return {
      set: await ownerRules(ledger, gateway.now()),
      history: (await ownerRulesHistory(ledger, gateway.now())).map(({ rules, ...version }) => ({
        ...version,
        rules: rules.length,
      })),
      unowned: groups.map(
        ({ account, tag, rows }): UnownedLine => ({
          account: account ?? null,
          tag: tag === undefined ? null : `${tag.name}=${tag.value}`,
          findings: rows.length,
          examples: rows.slice(0, 3).map(({ finding }) => finding.title),
        }),
      ),
    };
  });

  app.post('/owners/preview', async (request) =>
    previewOwnerRules(gateway, rulesOf(parsed(textBody, request.body).text)),
  );

  app.post('/owners/save', async (request) => {
    const body = parsed(saveBody, request.body);
    const session = await sessions.find(body.session);
    if (session === undefined)
      throw new PageError(401, 'Not signed in', 'The sign-in is over; sign in again.');
    if (!mayRule(session.person))
      throw new PageError(403, 'Not yours', 'Owner rules are written by people with the role security.');
    const done = await saveOwnerRules(ledger, {
      baseVersion: body.baseVersion,
      rules: rulesOf(body.text),
      savedBy: session.person.id,
      nowMs: gateway.now(),
      ...(body.note !== undefined && { note: body.note }),
    });
    if (done.outcome === 'overtaken')
      throw new PageError(
        409,
        'Overtaken',
        `${done.by} saved other rules meanwhile; read them and try again.`,
      );
    return { version: done.set.version, rules: done.set.rules.length };
  });
}

function rulesOf(text: string): ReturnType<typeof readOwnerRules>['rules'] {
  const { rules, faults } = readOwnerRules(text);
  if (faults.length === 0) return rules;
  throw new PageError(400, 'The rules cannot be read', faults.slice(0, 20).join('\n'));
}
