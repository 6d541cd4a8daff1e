import { canonicalJson } from '../../json.js';
import type { PolicyType } from '../document.js';
import { type AtomTable, atomOf, isNegative, type Literal } from './atoms.js';
import type { ProofTree } from './search.js';

/** The name and edition of the certificate's form; `domain/verify` reads no other. */
export const CERTIFICATE_FORMAT = 'curtail-subset/1';
/** Most nodes of one certificate. A proof beyond it is not given. */
export const MAX_CERTIFICATE_NODES = 250_000;

/** A split: the position of its atom in `atoms`; then follow the nodes of its yes, then those of its no. */
export type CertificateNode = number | readonly (number | string)[];

/**
 * A proof of inclusion as data. Each obligation is a binary tree in pre-order: a number from 0 up splits on an atom;
 * -1: the statement does not match or the candidate denies; -2: the reference allows; a list: these literals
 * (twice the atom's position, plus one when negated) contradict each other, by the facts named after them.
 */
export interface Certificate {
  format: typeof CERTIFICATE_FORMAT;
  policyType: PolicyType;
  arns: 'typed' | 'string';
  resourceAccount?: string;
  /** Places of the atoms: `c0.1.action` is the action list of statement 1 in the candidate's document 0. */
  atoms: readonly string[];
  obligations: readonly { statement: string; nodes: readonly CertificateNode[] }[];
}

/** A certificate that says which documents it is about, and that nothing of it was altered. */
export interface BoundCertificate extends Certificate {
  /** SHA-256 of the documents' canonical JSON, as they were written. */
  inputs: { reference: string; candidate: string };
  /** SHA-256 of the canonical JSON of everything else in the certificate. */
  digest: string;
}

/** Binds a certificate to the documents as they were written. */
export function bindCertificate(
  certificate: Certificate,
  documents: { reference: unknown; candidate: unknown },
  digest: (text: string) => string,
): BoundCertificate {
  const inputs = {
    reference: digest(canonicalJson(documents.reference)),
    candidate: digest(canonicalJson(documents.candidate)),
  };
  const bound = { ...certificate, inputs };
  return { ...bound, digest: digest(canonicalJson(bound)) };
}

/** The leaf that says: here the candidate does not allow. */
export const NOT_ALLOWED = -1;
/** The leaf that says: here the reference allows. */
export const COVERED = -2;

/** Writes the proof trees; undefined when they are larger than a certificate may be. */
export function writeCertificate(
  head: Pick<Certificate, 'policyType' | 'arns'> & { resourceAccount?: string | undefined },
  proofs: readonly { statement: string; tree: ProofTree }[],
  table: AtomTable,
): Certificate | undefined {
  const positions = new Map<number, number>();
  const position = (index: number): number => {
    const known = positions.get(index);
    if (known !== undefined) return known;
    positions.set(index, positions.size);
    return positions.size - 1;
  };
  let total = 0;
  const obligations: { statement: string; nodes: CertificateNode[] }[] = [];
  for (const { statement, tree } of proofs) {
    const nodes: CertificateNode[] = [];
    const rest: ProofTree[] = [tree];
    for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
      total += 1;
      if (total > MAX_CERTIFICATE_NODES) return undefined;
      nodes.push(writeNode(node, position));
      if (node.kind === 'split') rest.push(node.no, node.yes);
    }
    obligations.push({ statement, nodes });
  }
  const { policyType, arns, resourceAccount } = head;
  return {
    format: CERTIFICATE_FORMAT,
    policyType,
    arns,
    ...(resourceAccount !== undefined && { resourceAccount }),
    atoms: [...positions.keys()].map((index) => table.atoms[index]?.place ?? ''),
    obligations,
  };
}

function writeNode(node: ProofTree, position: (index: number) => number): CertificateNode {
  if (node.kind === 'split') return position(node.atom);
  if (node.kind === 'not-allowed') return NOT_ALLOWED;
  if (node.kind === 'covered') return COVERED;
  const place = (literal: Literal): number => 2 * position(atomOf(literal)) + (isNegative(literal) ? 1 : 0);
  return [...node.literals.map(place), ...node.facts];
}
