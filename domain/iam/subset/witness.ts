import type { Witness } from '../../proof/proof.js';
import { requestContext } from '../context.js';
import type { PolicyType, Request } from '../document.js';
import type { AtomTable, Field, Literal } from './atoms.js';
import { NEEDS_PRINCIPAL } from './encode.js';
import { ATTACHED } from './facts.js';
import { type CaseModel, caseModels } from './models.js';
import type { Extra, Theory } from './theory.js';
import { type Caller, callers } from './witness-principal.js';
import { type Target, targets } from './witness-target.js';

/** A concrete request for a case, as the evaluator takes it and as an answer shows it. */
export interface ConcreteCase {
  request: Request;
  witness: Witness;
}

/** What a model is turned into a concrete request with. */
export interface WitnessSetting {
  table: AtomTable;
  theory: Theory;
  variableNames: readonly string[];
  policyType: PolicyType;
  resourceAccount: string | undefined;
}

/** Most concrete requests that are tried for one case. */
const MAX_TRIES = 80;
/** Most targets that are tried with one caller. */
const MAX_TARGETS = 10;

/** What the type of policy says of every request. */
export function baseOf(policyType: PolicyType): ReadonlyMap<Field, Extra> {
  return NEEDS_PRINCIPAL.has(policyType) ? new Map() : ATTACHED;
}

/** Requests that fit a case as far as the theory knows; the evaluator has the last word on each. */
export function* concreteCases(
  literals: readonly Literal[],
  setting: WitnessSetting,
): Generator<ConcreteCase> {
  let tries = 0;
  const { table, variableNames, theory } = setting;
  for (const model of caseModels(literals, table, variableNames, theory, baseOf(setting.policyType))) {
    const context = contextOf(model);
    if (context === undefined) continue;
    for (const caller of callers(model)) {
      const account = setting.resourceAccount ?? caller.account;
      let targetsOfCaller = 0;
      for (const target of targets(model, table, account)) {
        tries += 1;
        targetsOfCaller += 1;
        if (tries > MAX_TRIES) return;
        if (targetsOfCaller > MAX_TARGETS) break;
        yield concrete(caller, target, context, setting);
      }
    }
  }
}

function concrete(
  caller: Caller,
  target: Target,
  found: Context,
  { resourceAccount }: WitnessSetting,
): ConcreteCase {
  const context = align(found, caller, target);
  const account = resourceAccount === undefined ? {} : { resourceAccount };
  const request: Request = {
    principal: caller.principal,
    action: target.action,
    resource: target.resource,
    context,
    ...account,
  };
  const owner = requestContext(request).resourceAccount;
  const witness: Witness = {
    principal: caller.principal,
    action: target.action,
    resource: target.resource,
    ...(owner === undefined ? {} : { resourceAccount: owner }),
    context,
    hypothetical: target.hypothetical,
  };
  return { request, witness };
}

/** Keys that other parts of the request settle get what these say, so that the witness breaks no known fact. */
function align(found: Context, { principal }: Caller, { action, resource }: Target): Context {
  const settled = requestContext({ principal, action, resource, context: {} });
  const context = new Map(Object.entries(found));
  for (const key of SETTLED) {
    const value = context.has(key) ? settled.single(key) : undefined;
    if (value !== undefined) context.set(key, value);
  }
  for (const [key] of context) {
    const tag = /^(?!aws:)[a-z0-9-]+:(resourcetag\/.+)$/s.exec(key)?.[1];
    const same = tag === undefined ? undefined : context.get(`aws:${tag}`);
    if (same !== undefined) context.set(key, same);
  }
  return Object.fromEntries(context);
}

const SETTLED = [
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:username',
  'aws:resourceaccount',
];

type Context = Readonly<Record<string, string | readonly string[]>>;

/** Values of the condition keys; undefined when some key has none. */
function contextOf(model: CaseModel): Context | undefined {
  const context = new Map<string, string | readonly string[]>();
  const keys = new Set(
    [...model.fields.keys(), ...model.variables.keys()].filter((field) => field.includes(':')),
  );
  for (const key of keys) {
    const value = model.solve(key);
    if (value === undefined) return undefined;
    if (value.kind === 'one') context.set(key, value.value);
    if (value.kind === 'set') context.set(key, value.values);
  }
  return Object.fromEntries(context);
}
