import { requestContext } from '../iam/context.js';
import type { PatternList, PolicyDocument, Statement } from '../iam/document.js';
import { askedResource, compileActions, compileResources } from '../iam/match.js';
import { canonicalJson, type Json } from '../json.js';
import type { Pair } from '../usage/event-map.js';

/**
 * Whether documents can allow a request under some context: an Allow names it, and no Deny without a condition
 * does. Conditions are taken as met and a policy variable as any text, so a `no` is certain.
 */
export function mayAllow(documents: readonly PolicyDocument[], pair: Pair): boolean {
  const statements = documents.flatMap((document) => document.statements);
  if (statements.some((statement) => statement.effect === 'Deny' && deniesAlways(statement, pair)))
    return false;
  return statements.some((statement) => statement.effect === 'Allow' && names(statement, pair));
}

function deniesAlways(statement: Statement, pair: Pair): boolean {
  if (statement.conditions.length > 0) return false;
  const { resource } = statement;
  if (resource?.patterns.some((pattern) => pattern.includes('${'))) return false;
  if (pair.resource === undefined && !isEverything(resource)) return false;
  return names(statement, pair);
}

function isEverything(resource: PatternList | undefined): boolean {
  return resource === undefined || (!resource.negated && resource.patterns.includes('*'));
}

function names(statement: Statement, { action, resource }: Pair): boolean {
  const test = testOf(statement);
  return test.action(action.toLowerCase()) && (resource === undefined || test.resource(resource));
}

interface StatementTest {
  action: (lowerCase: string) => boolean;
  resource: (arn: string) => boolean;
}

const tests = new WeakMap<Statement, StatementTest>();
/** Variables are taken out of the patterns before they are compiled, so no value is ever read from it. */
const NO_CONTEXT = requestContext({
  principal: 'arn:aws:iam::000000000000:root',
  action: '',
  resource: '*',
  context: {},
});

function testOf(statement: Statement): StatementTest {
  const known = tests.get(statement);
  if (known !== undefined) return known;
  const made = { action: compileActions(statement.action), resource: resourceTest(statement.resource) };
  tests.set(statement, made);
  return made;
}

/** Whether a resource element can cover a concrete ARN; a policy variable in it may stand for anything. */
export function resourceTest(list: PatternList | undefined): (arn: string) => boolean {
  // A variable on the negated side could name anything, so it excludes nothing for certain.
  if (list === undefined || (list.negated && list.patterns.some((pattern) => pattern.includes('${')))) {
    return () => true;
  }
  const patterns = list.patterns.map((pattern) => pattern.replace(/\$\{[^}]*\}/g, '*'));
  const test = compileResources({ negated: list.negated, patterns }, false);
  return (arn) => test(askedResource(arn), NO_CONTEXT) !== false;
}

/**
 * Whether it is plain that every such request stays allowed: the Deny statements are the same, and each Allow that
 * names the request still has one with the same conditions that names it. A `no` only means that it is not plain.
 */
export function plainlyPreserved(
  before: readonly PolicyDocument[],
  after: readonly PolicyDocument[],
  pair: Pair,
): boolean {
  if (!keepsDenies(after, before)) return false;
  return before.every((document) =>
    document.statements.every((statement) => {
      if (statement.effect === 'Deny' || !names(statement, pair)) return true;
      const wanted = scope(document, statement);
      return after.some((other) =>
        other.statements.some(
          (candidate) =>
            candidate.effect === 'Allow' &&
            scope(other, candidate) === wanted &&
            covers(candidate, statement, pair),
        ),
      );
    }),
  );
}

/** Under the same conditions: the version counts too, since it says whether `${…}` is a variable. */
function scope(document: PolicyDocument, statement: Statement): string {
  return canonicalJson([document.version, statement.conditions as unknown as Json]);
}

/** For a named resource it is enough to name it without variables; for an unknown one the resources must be the same or all. */
function covers(candidate: Statement, original: Statement, pair: Pair): boolean {
  if (!names(candidate, pair)) return false;
  const same = canonicalJson(candidate.resource ?? null) === canonicalJson(original.resource ?? null);
  if (same || isEverything(candidate.resource)) return true;
  if (pair.resource === undefined || candidate.resource === undefined) return false;
  return !candidate.resource.patterns.some((pattern) => pattern.includes('$'));
}

/** Whether every Deny of the old documents is in the new ones, word for word. */
export function keepsDenies(before: readonly PolicyDocument[], after: readonly PolicyDocument[]): boolean {
  const left = denyTextsOf(after);
  return [...denyTextsOf(before)].every((text) => left.has(text));
}

function denyTextsOf(documents: readonly PolicyDocument[]): ReadonlySet<string> {
  return new Set(documents.flatMap(denyTexts));
}

const memo = new WeakMap<PolicyDocument, readonly string[]>();

function denyTexts(document: PolicyDocument): readonly string[] {
  const known = memo.get(document);
  if (known !== undefined) return known;
  const texts = document.statements
    .filter((statement) => statement.effect === 'Deny')
    .map(({ index: _, sid: __, ...rest }) => canonicalJson([document.version, rest]));
  memo.set(document, texts);
  return texts;
}
