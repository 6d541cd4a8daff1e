import { splitArn } from '../arn.js';
import type { Principal } from '../document.js';
import type { Demand } from './field-theory.js';
import { type CaseModel, textLanguage } from './models.js';
import { literalPattern, patternOf, star, type TextPattern, unitsOf } from './pattern-language.js';
import { unionOf } from './text-union.js';

/** Who asks in a witness. */
export interface Caller {
  principal: Principal;
  account: string;
}

const ACCOUNT = '123456789012';
const OTHER_ACCOUNT = '210987654321';

/** Callers that fit the case, likely ones first. */
export function* callers(model: CaseModel): Generator<Caller> {
  const seen = new Set<string>();
  for (const demand of likely(model)) {
    const found = model.solve('principal', demand);
    if (found?.kind !== 'one' || seen.has(found.value) || !isWellFormed(found.value)) continue;
    seen.add(found.value);
    yield callerOf(found.value);
  }
}

/** The theory knows that an account has twelve units, not that they are digits. */
function isWellFormed(text: string): boolean {
  if (text.startsWith('service|')) return /^service\|[a-z0-9.-]+$/.test(text);
  return !text.startsWith('arn:') || /^arn:[^:]+:(?:iam|sts)::\d{12}:/.test(text);
}

function accountIn(model: CaseModel): string | undefined {
  const given =
    keyValue(model, 'aws:principalaccount') ?? splitArn(keyValue(model, 'aws:principalarn') ?? '')?.[4];
  return given !== undefined && /^\d{12}$/.test(given) ? given : undefined;
}

function keyValue(model: CaseModel, key: string): string | undefined {
  if (!model.fields.has(key)) return undefined;
  const value = model.solve(key);
  return value?.kind === 'one' ? value.value : undefined;
}

/** What a reader expects of a principal, from plain to unusual. */
function likely(model: CaseModel): readonly Demand[] {
  const arn = keyValue(model, 'aws:principalarn');
  const user = keyValue(model, 'aws:username');
  const any = star(0);
  const account = accountIn(model) ?? ACCOUNT;
  const heads = [
    `arn:aws:iam::${account}:role/`,
    `arn:aws:iam::${account}:user/`,
    `arn:aws:sts::${account}:assumed-role/`,
    `arn:aws:iam::${account}:`,
    `arn:aws:iam::${OTHER_ACCOUNT}:`,
    'arn:aws:iam::',
    'arn:',
    'service|',
  ];
  const patterns: readonly (readonly TextPattern[])[] = [
    ...(arn === undefined ? [] : [[literalPattern(arn)]]),
    ...(user === undefined ? [] : [[literalPattern(`arn:aws:iam::${account}:user/${user}`)]]),
    [literalPattern(`arn:aws:iam::${account}:role/example`)],
    ...heads.map((head) => [patternOf([...unitsOf(head), any])]),
  ];
  const demands = patterns.map(
    (list): Demand => ({
      within: [{ theory: 'text', union: unionOf(list) }],
      outside: [],
    }),
  );
  return [...demands, { within: [], outside: [textLanguage('anonymous|')] }, { within: [], outside: [] }];
}

function callerOf(text: string): Caller {
  const bar = text.indexOf('|');
  const name = text.slice(bar + 1);
  const outside = { account: ACCOUNT };
  if (text.startsWith('service|'))
    return { principal: /\./.test(name) ? name : `${name}.amazonaws.com`, ...outside };
  if (text.startsWith('federated|')) return { principal: { type: 'Federated', id: name }, ...outside };
  if (text.startsWith('canonical|')) return { principal: { type: 'CanonicalUser', id: name }, ...outside };
  if (text.startsWith('anonymous|')) return { principal: { type: 'Anonymous' }, ...outside };
  return { principal: text, account: splitArn(text)?.[4] ?? ACCOUNT };
}
