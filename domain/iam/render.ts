import { canonicalJson, type Json } from '../json.js';
import type { ConditionTest, PatternList, PolicyDocument, PrincipalElement, Statement } from './document.js';

/** The document as AWS takes it; a list of one is written as its value. `parsePolicy` reads it back the same. */
export function toJson(doc: PolicyDocument): Json {
  return {
    Version: doc.version,
    ...(doc.id !== undefined && { Id: doc.id }),
    Statement: doc.statements.map(statementJson),
  };
}

function statementJson(statement: Statement): { readonly [key: string]: Json } {
  const { sid, effect, principal, action, resource, conditions } = statement;
  return {
    ...(sid !== undefined && { Sid: sid }),
    Effect: effect,
    ...(principal !== undefined && {
      [principal.negated ? 'NotPrincipal' : 'Principal']: principalJson(principal),
    }),
    [action.negated ? 'NotAction' : 'Action']: oneOrMany(action.patterns),
    ...(resource !== undefined && {
      [resource.negated ? 'NotResource' : 'Resource']: oneOrMany(resource.patterns),
    }),
    ...(conditions.length > 0 && { Condition: conditionsJson(conditions) }),
  };
}

function principalJson(principal: PrincipalElement): Json {
  const { everyone, aws, service, federated, canonicalUser } = principal;
  if (everyone && aws.length === 0) return '*';
  return {
    ...(aws.length > 0 && { AWS: oneOrMany(aws) }),
    ...(service.length > 0 && { Service: oneOrMany(service) }),
    ...(federated.length > 0 && { Federated: oneOrMany(federated) }),
    ...(canonicalUser.length > 0 && { CanonicalUser: oneOrMany(canonicalUser) }),
  };
}

function conditionsJson(conditions: readonly ConditionTest[]): Json {
  const blocks = new Map<string, [string, Json][]>();
  for (const test of conditions) {
    const name = operatorName(test);
    blocks.set(name, [...(blocks.get(name) ?? []), [test.key, oneOrMany(test.values)]]);
  }
  return Object.fromEntries([...blocks].map(([name, entries]) => [name, Object.fromEntries(entries)]));
}

/** The operator as a policy writes it, e.g. `ForAnyValue:StringLikeIfExists`. */
export function operatorName(test: ConditionTest): string {
  return `${test.set === undefined ? '' : `${test.set}:`}${test.operator}${test.ifExists ? 'IfExists' : ''}`;
}

function oneOrMany(values: readonly string[]): Json {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : values;
}

/**
 * One text for documents that mean the same: order of statements and lists, repetitions, case of actions and
 * condition keys, Id and Sid do not count, nor does the version where no `${` is written. For a digest of the
 * document as people see it, take `canonicalJson(toJson(doc))` instead.
 */
export function canonicalPolicy(doc: PolicyDocument): string {
  const statements = [
    ...new Set(doc.statements.map((statement) => canonicalJson(canonicalStatement(statement)))),
  ];
  const body = `[${statements.sort(byCodeUnit).join(',')}]`;
  const version = body.includes('${') ? doc.version : '2012-10-17';
  return `{"Statement":${body},"Version":"${version}"}`;
}

function canonicalStatement({ effect, principal, action, resource, conditions }: Statement): Json {
  return statementJson({
    index: 0,
    effect,
    ...(principal !== undefined && { principal: canonicalPrincipal(principal) }),
    action: canonicalList({ ...action, patterns: action.patterns.map((pattern) => pattern.toLowerCase()) }),
    ...(resource !== undefined && { resource: canonicalList(resource) }),
    conditions: conditions.map((test) => ({
      ...test,
      key: test.key.toLowerCase(),
      values: sorted(
        test.operator === 'Bool' || test.operator === 'Null'
          ? test.values.map((v) => v.toLowerCase())
          : test.values,
      ),
    })),
  });
}

function canonicalPrincipal(principal: PrincipalElement): PrincipalElement {
  const aws = principal.aws.map((name) => (/^\d{12}$/.test(name) ? `arn:aws:iam::${name}:root` : name));
  return {
    ...principal,
    aws: sorted(aws),
    service: sorted(principal.service),
    federated: sorted(principal.federated),
    canonicalUser: sorted(principal.canonicalUser),
  };
}

function canonicalList(list: PatternList): PatternList {
  const patterns = list.patterns.map(canonicalPattern);
  return { negated: list.negated, patterns: patterns.includes('*') ? ['*'] : sorted(patterns) };
}

/** Runs of wildcards have one spelling: the `?` first, then one `*`. `${*}` is left alone. */
function canonicalPattern(pattern: string): string {
  if (pattern.includes('${')) return pattern;
  return pattern.replaceAll(/[*?]+/g, (run) => `${run.replaceAll('*', '')}${run.includes('*') ? '*' : ''}`);
}

function sorted(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort(byCodeUnit);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
