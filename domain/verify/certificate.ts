import { type Atom, Atoms, Keys, type Literal } from './atoms.js';
import {
  encode,
  isRaw,
  listOf,
  namesPrincipal,
  type Reading,
  rawStatements,
  type Statement,
  testsOf,
} from './encode.js';
import { type Demand, derive, type Said } from './facts.js';
import { FOLD, isEmpty, matches, type Pattern, sketch, substitute, type Union, units } from './language.js';
import { ADDRESSES, isEmptyLine, Refusal } from './values.js';

/** The question as it comes from outside, never from the certificate: both sides' documents as they were written. */
export interface Question {
  reference: unknown;
  candidate: unknown;
  policyType: string;
  arns?: string;
  resourceAccount?: string;
  /** Only requests for this action, and on this resource if one is named. */
  asked?: { action: string; resource?: string };
}

/**
 * Checks a proof that the candidate allows nothing beyond the reference; gives the names of the facts that it rests on.
 * @throws Refusal saying what does not hold
 */
export function checkCertificate(certificate: unknown, question: Question): ReadonlySet<string> {
  if (!isRaw(certificate) || certificate['format'] !== 'curtail-subset/1')
    throw new Refusal('this is no certificate');
  const { atoms: places, obligations } = certificate;
  if (!Array.isArray(places) || !Array.isArray(obligations))
    throw new Refusal('the certificate has no atoms or obligations');
  const walk = new Walk(question, places);
  const trees = new Map(
    obligations.map((each) => (isRaw(each) ? [each['statement'], each['nodes']] : ['', []])),
  );
  for (const statement of walk.candidate.filter(({ allow }) => allow))
    walk.check(statement, trees.get(statement.place));
  return walk.facts;
}

class Walk {
  readonly candidate: readonly Statement[];
  readonly facts = new Set<string>();
  readonly #reference: readonly Statement[];
  readonly #reading: Reading;
  readonly #places: readonly unknown[];
  readonly #assumed = new Map<number, boolean>();

  constructor(question: Question, places: readonly unknown[]) {
    const { policyType, arns = 'typed', resourceAccount, asked } = question;
    const [candidate, reference] = [question.candidate, question.reference].map((side) =>
      listOf(side).map(rawStatements),
    );
    const keys = new Keys();
    for (const test of [candidate, reference].flat(2).flatMap((statement) => testsOf(statement ?? {})))
      keys.note(test.key, test.operator, test.set !== undefined);
    this.#reading = {
      atoms: new Atoms(),
      keys,
      policyType,
      arns,
      variables: { on: true, numbers: new Map() },
    };
    const side = (name: string, documents: typeof candidate): readonly Statement[] =>
      (documents ?? []).flatMap((list, d) =>
        list.map((statement, s) => encode(statement, `${name}${d}.${s}`, this.#reading)),
      );
    this.candidate = side('c', candidate);
    this.#reference = side('r', reference);
    this.#places = places;
    for (const name of this.#reading.variables.numbers.keys()) {
      if (keys.isMulti(name.split(',')[0] ?? '')) throw new Refusal('a policy variable stands for a set');
    }
    const known = [
      ...(resourceAccount === undefined ? [] : [['aws:resourceaccount', resourceAccount] as const]),
      ...(asked === undefined ? [] : [['action', asked.action.toLowerCase()] as const]),
      ...(asked?.resource === undefined ? [] : [['resource', asked.resource] as const]),
    ];
    for (const [i, [field, text]] of known.entries()) {
      const said = { kind: 'in', field, patterns: [units(text)] } as const;
      this.#assumed.set(this.#reading.atoms.literal(`known.${i}`, said) / 2, true);
    }
  }

  /** Walks the statement's tree: each split has both of its sides, so only leaves have to be judged. */
  check(statement: Statement, nodes: unknown): void {
    if (!Array.isArray(nodes)) throw new Refusal(`no proof for statement ${statement.place}`);
    let next = 0;
    const visit = (isVoid: boolean): void => {
      const node: unknown = nodes[next];
      next += 1;
      if (typeof node !== 'number' || node < 0) {
        if (!isVoid && !this.#isClosed(statement, node))
          throw new Refusal(`a leaf of ${statement.place} does not hold (node ${next - 1})`);
        return;
      }
      const atom = this.#atomAt(node);
      const known = this.#assumed.get(atom);
      for (const value of [true, false]) {
        if (known === undefined) this.#assumed.set(atom, value);
        visit(isVoid || (known !== undefined && known !== value));
      }
      if (known === undefined) this.#assumed.delete(atom);
    };
    visit(false);
    if (next !== nodes.length)
      throw new Refusal(`the proof for ${statement.place} has nodes outside its tree`);
  }

  #atomAt(position: number): number {
    const atom = this.#reading.atoms.places.get(String(this.#places[position]));
    if (atom === undefined)
      throw new Refusal(`no part of the documents is called ${String(this.#places[position])}`);
    return atom;
  }

  #isClosed(statement: Statement, leaf: unknown): boolean {
    const any = (statements: readonly Statement[], allow: boolean, value: boolean): boolean =>
      statements.some((each) => each.allow === allow && this.#is(each, value));
    if (leaf === -1) return this.#is(statement, false) || any(this.candidate, false, true);
    if (leaf === -2)
      return (
        any(this.#reference, true, true) &&
        this.#reference.every((each) => each.allow || this.#is(each, false))
      );
    return Array.isArray(leaf) && this.#isContradiction(leaf);
  }

  /** Whether the statement surely matches (`value`) or surely does not, under what is assumed. */
  #is({ clauses }: Statement, value: boolean): boolean {
    const known = (literal: Literal): boolean | undefined => {
      const assumed = this.#assumed.get(literal >> 1);
      return assumed === undefined ? undefined : assumed !== ((literal & 1) === 1);
    };
    if (value) return clauses.every((clause) => clause.some((literal) => known(literal) === true));
    return clauses.some((clause) => clause.every((literal) => known(literal) === false));
  }

  #isContradiction(leaf: readonly unknown[]): boolean {
    const fields = new Map<string, [Atom, boolean][]>();
    for (const literal of leaf.filter((each) => typeof each === 'number')) {
      const number = this.#atomAt(literal >> 1);
      const atom = this.#reading.atoms.list[number];
      const holds = (literal & 1) === 0;
      if (atom === undefined || this.#assumed.get(number) !== holds) return false;
      if (atom.kind !== 'reading') fields.set(atom.field, [...(fields.get(atom.field) ?? []), [atom, holds]]);
    }
    this.#pin(fields);
    if (leaf.includes('epoch-time')) sameTime(fields);
    for (const fact of leaf) if (typeof fact === 'string') this.facts.add(fact);
    const demands = leaf.flatMap((fact) =>
      typeof fact === 'string'
        ? [...fields].flatMap(([key, said]) => derive(fact, key, whatIsSaid(said), matches))
        : [],
    );
    if (!namesPrincipal(this.#reading.policyType) && demands.length > 0)
      demands.push({ field: 'principal', within: [sketch('arn:*')] });
    return [...new Set([...fields.keys(), ...demands.map(({ field }) => field)])].some((field) =>
      this.#conflicts(
        field,
        fields.get(field) ?? [],
        demands.filter((demand) => demand.field === field),
      ),
    );
  }

  /** Replaces policy variables by the one text that their key can be, or by their default where it is missing. */
  #pin(fields: Map<string, [Atom, boolean][]>): void {
    const pins = new Map<number, Pattern>();
    for (const [name, number] of this.#reading.variables.numbers) {
      const [key = '', fallback] = name.split(/,(.*)/s);
      for (const [{ kind, patterns }, holds] of fields.get(key) ?? []) {
        const isMissing = kind === 'present' && !holds && fallback !== undefined;
        const [only, ...more] = kind === 'in' && holds ? patterns : isMissing ? [units(fallback)] : [];
        const isText = only?.every((token) => token >= 0 && token < FOLD && token !== 58) === true;
        if (isText && more.length === 0) pins.set(number, only);
      }
    }
    if (pins.size === 0) return;
    for (const [field, said] of fields) {
      const pinned = said.map(([atom, holds]): [Atom, boolean] => [
        { ...atom, patterns: atom.patterns.map((pattern) => substitute(pattern, pins)) },
        holds,
      ]);
      fields.set(field, pinned);
    }
  }

  /** Whether the literals of one field and the demands on it leave no value (or set of values) for it. */
  #conflicts(
    field: string,
    literals: readonly (readonly [Atom, boolean])[],
    demands: readonly Demand[],
  ): boolean {
    const isKey = field.includes(':');
    const atoms = (kind: Atom['kind'], value: boolean): readonly Atom[] =>
      literals.flatMap(([atom, holds]) => (atom.kind === kind && holds === value ? [atom] : []));
    const text = (patterns: Union): Atom => ({
      kind: 'in',
      field,
      theory: 'text',
      patterns,
      ranges: [],
      vague: [],
    });
    const within = [
      ...demands.flatMap((demand) => (demand.within ? [text(demand.within)] : [])),
      ...atoms('in', true),
      ...atoms('beyond', false),
    ];
    const outside = [
      ...demands.flatMap((demand) => (demand.outside ? [text(demand.outside)] : [])),
      ...atoms('in', false),
      ...atoms('some', false),
    ];
    const wanted = [
      ...atoms('some', true),
      ...demands.flatMap((demand) => (demand.some ? [text(demand.some)] : [])),
    ];
    const isSet = this.#reading.keys.isMulti(field);
    const saysThere = atoms('present', true).length > 0 || demands.some(({ present }) => present === true);
    const hasValue =
      wanted.length + atoms('beyond', true).length > 0 || (!isSet && (!isKey || within.length > 0));
    if (
      (saysThere || hasValue) &&
      (atoms('present', false).length > 0 || demands.some(({ present }) => present === false))
    )
      return isKey;
    if (!isSet) return (saysThere || hasValue) && this.#isNothing(field, within, outside);
    if (wanted.some((atom) => this.#isNothing(field, [...within, atom], outside))) return true;
    return atoms('beyond', true).some((atom) => this.#isNothing(field, within, [...outside, atom]));
  }

  #isNothing(field: string, within: readonly Atom[], outside: readonly Atom[]): boolean {
    const { keys } = this.#reading;
    const of = (list: readonly Atom[], theory: string): readonly Atom[] =>
      list.filter((atom) => atom.theory === theory);
    const patterns = [
      ...of(within, 'text').map((atom) => atom.patterns),
      ...[keys.domain(field) ?? []].filter((union) => union.length > 0),
    ];
    if (
      isEmpty(
        patterns.length === 0 ? [[sketch('*')]] : patterns,
        of(outside, 'text').map((atom) => atom.patterns),
      )
    )
      return true;
    return ['number', 'date', 'address'].some((theory) => {
      const asked = of(within, theory);
      const type = theory === 'number' ? 'numeric' : theory === 'address' ? 'ipaddress' : theory;
      if (asked.length === 0 && keys.only(field) !== type) return false;
      const ranges = asked.filter((atom) => atom.vague.length === 0).map((atom) => atom.ranges);
      const everything = theory === 'address' ? [ADDRESSES] : [];
      return isEmptyLine(
        [...ranges, ...everything],
        of(outside, theory).map((atom) => atom.ranges),
      );
    });
  }
}

/** What is said of `aws:EpochTime` holds of `aws:CurrentTime` as well, in milliseconds. */
function sameTime(fields: Map<string, [Atom, boolean][]>): void {
  const moved = (fields.get('aws:epochtime') ?? []).map(([atom, holds]): [Atom, boolean] => {
    const factor = atom.theory === 'number' ? 1000 : 1;
    const ranges = atom.ranges.map((r) => ({
      ...r,
      low: Number(r.low) * factor,
      high: Number(r.high) * factor,
    }));
    return [{ ...atom, theory: 'date', ranges }, holds];
  });
  const own = fields.get('aws:currenttime') ?? [];
  fields.set('aws:currenttime', [...own, ...moved.filter(([atom]) => atom.kind === 'in')]);
}

function whatIsSaid(said: readonly (readonly [Atom, boolean])[]): Said {
  const texts = (value: boolean): readonly Union[] =>
    said.flatMap(([atom, holds]) =>
      atom.kind === 'in' && atom.theory === 'text' && holds === value ? [atom.patterns] : [],
    );
  const there = said.some(([atom, holds]) => holds && (atom.kind === 'present' || atom.kind === 'in'));
  return {
    within: texts(true),
    outside: texts(false),
    there,
    missing: said.some(([atom, holds]) => !holds && atom.kind === 'present'),
  };
}
