import { checkCertificate, type Question } from './certificate.js';
import { isRaw, listOf, rawStatements } from './encode.js';
import { callerName } from './events.js';
import { type Asked, isPlainlyKept, type Replay, replay, type Sides } from './replay.js';
import { Refusal } from './values.js';

/** What is not read from the inputs. Nothing that an oracle says is believed without its certificate. */
export interface Oracle {
  /** What a record or row of a log asked of IAM, which only a table of the services' APIs can say. */
  askedBy(item: unknown): readonly Asked[];
  /** A proof of the question, if one can be found. */
  prove(question: Question): unknown;
}

/** A right-sizing as it comes from outside: what was asked, what came of it, and what its proof claims. */
export interface Sizing {
  principal?: string;
  policies: readonly unknown[];
  result: readonly unknown[];
  usage: readonly unknown[];
}

const COUNTS = [
  ...(['total', 'replayed', 'denied', 'otherPrincipal'] as const),
  ...(['service', 'unmapped', 'notAllowedBefore', 'malformed'] as const),
] as const satisfies readonly (keyof Replay)[];

/**
 * Checks that nobody who holds the policies is allowed anything new by the result, and that the accounting of the
 * usage is the one that its events give. @throws Refusal saying what does not hold
 */
export function checkSizing(proof: unknown, sizing: Sizing, oracle: Oracle): void {
  if (!isRaw(proof)) throw new Refusal('this is no proof');
  const { verdict, noNewAccess, usage } = proof;
  if (verdict !== 'proved' && verdict !== 'partial')
    throw new Refusal(`the proof says of itself that it is ${String(verdict).slice(0, 40)}`);
  const holders = holdersOf(sizing);
  checkClaims(noNewAccess, holders);
  for (const [name, sides] of holders) checkHolder(name, sides, oracle);
  const subject = sizing.principal === undefined ? {} : { subject: callerName(sizing.principal) };
  const counted = replay({
    usage: sizing.usage,
    ...subject,
    holders,
    askedBy: (item) => oracle.askedBy(item),
    isKept: (sides, asked) => isPlainlyKept(sides, asked) || isKept(sides, asked, oracle),
  });
  const [lost] = counted.lost;
  if (lost !== undefined) throw new Refusal(`it is not shown that this use stays allowed: ${lost}`);
  if (!isRaw(usage) || !Array.isArray(usage['newlyDenied']) || usage['newlyDenied'].length > 0)
    throw new Refusal('the proof does not say that all use stays allowed');
  const wrong = COUNTS.find((name) => usage[name] !== counted[name]);
  if (wrong !== undefined)
    throw new Refusal(
      `counted again, ${wrong} is ${counted[wrong]} and not ${String(usage[wrong]).slice(0, 40)}`,
    );
  if (verdict === 'proved' && counted.unmapped + counted.notAllowedBefore > 0)
    throw new Refusal('events that could not be replayed make a proof partial');
}

/** Everybody by whom the policies are held, by caller name; `''` when nobody is named. */
function holdersOf({ principal, policies, result }: Sizing): ReadonlyMap<string, Sides> {
  const own = principal === undefined ? [] : [principal];
  const attached = (policy: unknown): readonly string[] =>
    (isRaw(policy) ? listOf(policy['attachedTo'] ?? []) : []).map(String);
  const names = new Set([...policies.flatMap(attached), ...own].map(callerName));
  if (names.size === 0) names.add('');
  return new Map(
    [...names].map((name) => {
      const isAll = name === '' || own.some((arn) => callerName(arn) === name);
      const held = (list: readonly unknown[]): unknown[] =>
        list.flatMap((policy) => {
          if (!isRaw(policy)) throw new Refusal('a policy is no JSON object');
          return isAll || attached(policy).some((arn) => callerName(arn) === name)
            ? [policy['document']]
            : [];
        });
      return [name, { before: held(policies), after: held(result) }];
    }),
  );
}

function checkClaims(noNewAccess: unknown, holders: ReadonlyMap<string, unknown>): void {
  const claims = Array.isArray(noNewAccess) ? noNewAccess.filter(isRaw) : [];
  const named = new Set(claims.map(({ of }) => callerName(String(of))));
  const isWhole = holders.has('')
    ? claims.length === 1
    : [...holders.keys()].every((name) => named.has(name));
  if (!isWhole || claims.length !== holders.size)
    throw new Refusal('the proof does not speak of everybody who holds the policies');
  if (claims.some((claim) => claim['verdict'] !== 'PASS'))
    throw new Refusal('the proof leaves somebody’s access open');
}

const EVERYTHING = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** Nothing new is allowed, and no Deny is lost, which would free what other policies allow. */
function checkHolder(name: string, { before, after }: Sides, oracle: Oracle): void {
  const ask = (reference: readonly unknown[], candidate: readonly unknown[], what: string): void => {
    const question: Question = { reference, candidate, policyType: 'identity' };
    const proof = oracle.prove(question);
    if (proof === undefined) throw new Refusal(`no proof was found that ${name || 'the holder'} ${what}`);
    checkCertificate(proof, question);
  };
  ask(before, after, 'gains no access');
  const denies = (documents: readonly unknown[]): readonly string[] =>
    documents
      .flatMap(rawStatements)
      .flatMap(({ Sid: _, ...each }) => (each['Effect'] === 'Deny' ? [JSON.stringify(each)] : []));
  const left = new Set(denies(after));
  if (denies(before).some((text) => !left.has(text)))
    ask([...before, EVERYTHING], [...after, EVERYTHING], 'loses no Deny');
}

function isKept({ before, after }: Sides, asked: Asked, oracle: Oracle): boolean {
  const question: Question = { reference: after, candidate: before, policyType: 'identity', asked };
  const proof = oracle.prove(question);
  if (proof === undefined) return false;
  try {
    checkCertificate(proof, question);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
