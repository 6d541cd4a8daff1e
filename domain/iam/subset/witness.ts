import type { Witness } from '../../proof/proof.js';
import type { PolicyType, Principal, Request } from '../document.js';
import type { AtomTable, Literal } from './atoms.js';
import { type CaseModel, caseModels } from './models.js';
import type { Theory } from './theory.js';
import { type Caller, callers } from './witness-principal.js';
import { type Target, targets } from './witness-target.js';

/** A concrete request for a case, as the evaluator takes it and as an answer shows it. */
export interface ConcreteCase {
  request: Request;
  witness: Witness;
}

export interface WitnessSetting {
  table: AtomTable;
  theory: Theory;
  variableNames: readonly string[];
  policyType: PolicyType;
  resourceAccount: string | undefined;
}

/** Most concrete requests that are tried for one case. */
const MAX_TRIES = 60;

/** Requests that fit a case as far as the theory knows; the evaluator has the last word on each. */
export function* concreteCases(
  literals: readonly Literal[],
  setting: WitnessSetting,
): Generator<ConcreteCase> {
  let tries = 0;
  for (const model of caseModels(literals, setting.table, setting.variableNames, setting.theory)) {
    const context = contextOf(model);
    if (context === undefined) continue;
    for (const caller of callers(model, setting.policyType)) {
      const account = setting.resourceAccount ?? caller.account;
      for (const target of targets(model, setting.table, account)) {
        tries += 1;
        if (tries > MAX_TRIES) return;
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
  const context = { ...caller.context, ...found };
  const account = resourceAccount === undefined ? {} : { resourceAccount };
  const request: Request = {
    principal: caller.principal,
    action: target.action,
    resource: target.resource,
    context,
    ...account,
  };
  const witness: Witness = {
    principal: shown(caller.principal),
    action: target.action,
    resource: target.resource,
    ...account,
    context,
    hypothetical: target.hypothetical,
  };
  return { request, witness };
}

function shown(principal: Principal): string {
  if (typeof principal === 'string') return principal;
  return principal.id === undefined || principal.id === ''
    ? principal.type
    : `${principal.type}:${principal.id}`;
}

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
