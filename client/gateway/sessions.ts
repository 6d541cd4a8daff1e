import { createHash, createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Directory } from '../../activities/directory/port.js';
import type { Person } from '../../domain/approval/request.js';
import type { GatewayLedger } from './deps.js';

/** A signed-in person's visit. Roles are read from the directory at every request, never kept. */
export interface Session {
  /** The session's key in the ledger; the cookie holds its preimage. */
  key: string;
  person: Person;
  /** When the person last proved who they are. */
  authAtMs: number;
  expiresAtMs: number;
  /** Must come with every form of this session. */
  csrf: string;
}

/** A code lives for five minutes and for five tries; a person gets six an hour. */
const CODE_TTL_MS = 5 * 60_000;
const CODE_TRIES = 5;
/** How many sign-in codes one person may ask for within an hour. */
export const CODES_PER_HOUR = 6;
const HOUR_MS = 3_600_000;

/** What sessions need from outside: the time, randomness and a way to hand over a code. */
export interface SessionDeps {
  ledger: Pick<GatewayLedger, 'putItem' | 'item' | 'removeItem' | 'claim'>;
  directory: Pick<Directory, 'person' | 'byEmail'>;
  now: () => number;
  ttlMs: number;
  onSignInCode: (personId: string, code: string) => void;
}

/** Sign-in by a one-time code, and who a cookie belongs to. */
export interface Sessions {
  /** Starts a sign-in. The answer looks the same whether the person exists or not. */
  begin(nameOrEmail: string): Promise<{ challenge: string }>;
  /** Ends a sign-in: a new session and its secret, or undefined for any reason at all. */
  complete(challenge: string, code: string): Promise<{ secret: string; session: Session } | undefined>;
  /** The session of a secret, unless it ended or the person left the directory. */
  find(secret: string): Promise<Session | undefined>;
  end(session: Session): Promise<void>;
}

const challengeSchema = z.object({ personId: z.string().nullable(), codeMac: z.string() });
const sessionSchema = z.object({
  personId: z.string(),
  authAtMs: z.number(),
  expiresAtMs: z.number(),
  csrf: z.string(),
});
const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** Sign-in by one-time code, and sessions kept in the ledger under digests of their secrets. */
export function openSessions(deps: SessionDeps): Sessions {
  const { ledger, directory, now } = deps;

  async function personOf(nameOrEmail: string): Promise<Person | undefined> {
    const name = nameOrEmail.trim().slice(0, 254);
    if (name === '') return undefined;
    return name.includes('@') ? directory.byEmail(name.toLowerCase()) : directory.person(name);
  }

  /** The first free one of `slots`, so that parallel requests never share a try; false when all are used. */
  async function take(bucket: string, prefix: string, slots: number, lifeMs: number): Promise<boolean> {
    for (let slot = 1; slot <= slots; slot += 1) {
      const claim = { bucket, key: `${prefix}/${slot}`, expiresAtMs: now() + lifeMs, nowMs: now() };
      if (await ledger.claim(claim)) return true;
    }
    return false;
  }

  return {
    async begin(nameOrEmail) {
      const person = await personOf(nameOrEmail);
      const hour = Math.floor(now() / HOUR_MS);
      const allowed =
        person !== undefined && (await take('sign-in-code', `${person.id}/${hour}`, CODES_PER_HOUR, HOUR_MS));
      const challenge = newSecret();
      const code = String(randomInt(0, 1_000_000)).padStart(6, '0');
      const personId = person !== undefined && allowed ? person.id : null;
      const value = { personId, codeMac: macOf(challenge, code) };
      await ledger.putItem({
        bucket: 'sign-in',
        key: digestOf(challenge),
        value,
        expiresAtMs: now() + CODE_TTL_MS,
      });
      if (personId !== null) deps.onSignInCode(personId, code);
      return { challenge };
    },

    async complete(challenge, code) {
      if (!SECRET.test(challenge)) return undefined;
      const key = digestOf(challenge);
      const stored = challengeSchema.safeParse(await ledger.item('sign-in', key, now()));
      if (!stored.success) return undefined;
      if (!(await take('sign-in-try', key, CODE_TRIES, 2 * CODE_TTL_MS))) return undefined;
      if (!sameText(macOf(challenge, code.replace(/[\s-]/g, '')), stored.data.codeMac)) return undefined;
      if (stored.data.personId === null) return undefined;
      const once = { bucket: 'sign-in-used', key, expiresAtMs: now() + 2 * CODE_TTL_MS, nowMs: now() };
      if (!(await ledger.claim(once))) return undefined;
      await ledger.removeItem('sign-in', key);
      const person = await directory.person(stored.data.personId);
      return person === undefined ? undefined : open(person);
    },

    async find(secret) {
      if (!SECRET.test(secret)) return undefined;
      const key = digestOf(secret);
      const stored = sessionSchema.safeParse(await ledger.item('session', key, now()));
      if (!stored.success || stored.data.expiresAtMs <= now()) return undefined;
      const person = await directory.person(stored.data.personId);
      if (person === undefined) return undefined;
      const { authAtMs, expiresAtMs, csrf } = stored.data;
      return { key, person, authAtMs, expiresAtMs, csrf };
    },

    async end(session) {
      await ledger.removeItem('session', session.key);
    },
  };

  async function open(person: Person): Promise<{ secret: string; session: Session }> {
    const secret = newSecret();
    const kept = { personId: person.id, authAtMs: now(), expiresAtMs: now() + deps.ttlMs, csrf: newSecret() };
    const key = digestOf(secret);
    await ledger.putItem({ bucket: 'session', key, value: kept, expiresAtMs: kept.expiresAtMs });
    return { secret, session: { key, person, ...kept } };
  }
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}
/** Whoever reads the ledger learns no secret from it. */
function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
/** Keyed by the challenge, which only the browser holds: six digits alone could be guessed from their hash. */
function macOf(challenge: string, code: string): string {
  return createHmac('sha256', challenge).update(code).digest('hex');
}

/** Whether two texts are the same, in a time that does not depend on where they differ. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [digestBytes(a), digestBytes(b)];
  return timingSafeEqual(left, right);
}
function digestBytes(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
