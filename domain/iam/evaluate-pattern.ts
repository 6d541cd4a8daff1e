import { type ArnFields, splitArnPattern } from './arn.js';
import { type RequestContext, requestContext } from './context.js';
import type { Decision, PolicyDocument, PolicySet, Request } from './document.js';
import { evaluate } from './evaluate.js';
import { readyDocument } from './match.js';
import { type PatternPart, resolveParts, splitPattern } from './pattern.js';
import { textMatchingAll } from './pattern-instance.js';

/** Most concrete resources that are tried for one pattern. */
const MAX_INSTANCES = 200;

/**
 * Decides whether any resource that matches the request's pattern is allowed.
 *
 * Tries concrete resources: a plain one, and one where the pattern meets each resource pattern of the policies,
 * singly and in pairs. `Allowed` is always witnessed by a concrete resource; a denial says that none of those tried
 * is allowed.
 * @throws PolicyError when the request's principal is none.
 */
export function evaluatePattern(request: Request, policies: PolicySet): Decision {
  let decision: Decision | undefined;
  for (const resource of instances(request, policies)) {
    const next = evaluate({ ...request, resource }, policies);
    if (next.decision === 'Allowed') return next;
    if (decision === undefined || next.decision === 'ImplicitlyDenied') decision = next;
  }
  return decision ?? { decision: 'ImplicitlyDenied', by: [] };
}

function* instances(request: Request, policies: PolicySet): Generator<string> {
  const asked = fieldsOf(request.resource, false);
  if (asked === undefined) {
    yield request.resource;
    return;
  }
  const context = requestContext(request);
  const others = resourcePatterns(request.action.toLowerCase(), policies, context);
  const preferred = asked.map((field, i) => preferredField(field, i, context));
  const groups = [[], ...others.map((other) => [other]), ...pairs(others)].slice(0, MAX_INSTANCES);
  const tried = new Set<string>();
  for (const group of groups) {
    for (const pattern of [preferred, asked]) {
      const resource = instance([pattern, ...group]);
      if (resource === undefined || tried.has(resource)) continue;
      tried.add(resource);
      yield resource;
    }
  }
}

type Fields = readonly (readonly PatternPart[])[];

function fieldsOf(pattern: string, variables: boolean): Fields | undefined {
  const fields: ArnFields | undefined = splitArnPattern(pattern, { variables, complete: true });
  return fields?.map((field) => splitPattern(field, variables));
}

/** Plausible text for a field that is wholly open: fields of that kind are rarely empty or one letter. */
function preferredField(
  field: readonly PatternPart[],
  i: number,
  context: RequestContext,
): readonly PatternPart[] {
  if (field.length !== 1 || field[0]?.kind !== 'star') {
    return field.flatMap((part): readonly PatternPart[] =>
      part.kind === 'star' ? [{ kind: 'one' }, part] : [part],
    );
  }
  const plausible = [
    undefined,
    context.principal.partition,
    undefined,
    undefined,
    context.resourceAccount ?? context.principal.account,
  ];
  const text = plausible[i];
  return text === undefined ? [{ kind: 'one' }, ...field] : [{ kind: 'text', text }];
}

function instance(patterns: readonly Fields[]): string | undefined {
  const fields: string[] = [];
  for (let i = 0; i < 6; i += 1) {
    const text = textMatchingAll(patterns.map((pattern) => pattern[i] ?? []));
    if (text === undefined) return undefined;
    fields.push(text);
  }
  return fields.join(':');
}

/** The resource patterns of all statements that cover the action, but for `*`, variables replaced. */
function resourcePatterns(action: string, policies: PolicySet, context: RequestContext): readonly Fields[] {
  const found = new Map<string, Fields>();
  for (const document of documentsOf(policies)) {
    const variables = document.version === '2012-10-17';
    for (const i of readyDocument(document).covering(action)) {
      for (const pattern of document.statements[i]?.resource?.patterns ?? []) {
        const fields = pattern.startsWith('arn:') ? fieldsOf(pattern, variables) : undefined;
        const resolved = fields === undefined ? undefined : resolveAll(fields, context);
        if (resolved !== undefined) found.set(pattern, resolved);
      }
    }
  }
  return [...found.values()];
}

function resolveAll(fields: Fields, context: RequestContext): Fields | undefined {
  const resolved: (readonly PatternPart[])[] = [];
  for (const field of fields) {
    const parts = resolveParts(field, (key) => context.single(key));
    if (parts === undefined) return undefined;
    resolved.push(parts);
  }
  return resolved;
}

function documentsOf(policies: PolicySet): readonly PolicyDocument[] {
  const { identity, resource, boundaries = [], session = [], endpoint = [], scps = [], rcps = [] } = policies;
  return [
    ...identity,
    ...(resource === undefined ? [] : [resource]),
    ...boundaries,
    ...session,
    ...endpoint,
    ...scps.flat(),
    ...rcps.flat(),
  ];
}

function pairs<T>(items: readonly T[]): readonly (readonly [T, T])[] {
  const few = items.slice(0, 60);
  return few.flatMap((first, i) => few.slice(i + 1).map((second): readonly [T, T] => [first, second]));
}
