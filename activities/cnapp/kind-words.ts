import type { DataLabel, FindingKind, FindingSubject } from '../../domain/finding/finding.js';

type SubjectType = FindingSubject['type'];
type Row = readonly [kind: FindingKind, pattern: RegExp];

const UNUSED =
  '(?:unused|inactive|stale|dormant|idle|not (?:been )?(?:used|accessed|logged in)|never (?:been )?used|no activity|last used)';

// The order decides: what is more specific stands first.
const IDENTITY: readonly Row[] = [
  [
    'unused-credential',
    new RegExp(
      `(?:access key|credential|password|api key|console login|certificate).*${UNUSED}|${UNUSED}.*(?:access key|credential|password|api key)`,
    ),
  ],
  [
    'escalation-path',
    /escalat|become (?:an? )?admin|pass ?role|pass(?:ing)? (?:a|any|an) .*role|shadow admin/,
  ],
  [
    'excessive-permissions',
    new RegExp(
      `${UNUSED}.*(?:permission|privilege|service|entitlement|right|polic|action)|(?:permission|privilege|service|entitlement|right|polic)\\w*.*${UNUSED}`,
    ),
  ],
  [
    'unused-identity',
    new RegExp(
      `(?:user|role|identity|principal|service account|group|account|app).*${UNUSED}|${UNUSED}.*(?:user|role|identit|principal|service account|group)`,
    ),
  ],
  [
    'external-access',
    /external|third.?party|cross.?account|(?:trust|assum).*(?:any|every|wildcard|public|\*)|(?:any|every|wildcard|public).*(?:trust|assum)|anonymous|federat/,
  ],
  [
    'excessive-permissions',
    /excess|over.?(?:ly.?)?(?:permissi|privileg)|wildcard|\badmin|high.?privileg|privileged|full access|least.?privilege|reduce permission|permissive|broad/,
  ],
];

const STORE: readonly Row[] = [
  [
    'unencrypted-data',
    /(?:un|not |without |missing |no |lack)\w*.*encrypt|encrypt.*(?:disabled|\bnot\b|\boff\b|missing)|plain ?text/,
  ],
  [
    'unlogged-data',
    /(?:log(?:ging|s)?\b|audit|trail).*(?:disabled|\boff\b|\bnot\b|missing)|(?:without|\bno\b|missing|lack|disabled).*(?:log(?:ging|s)?\b|audit)/,
  ],
  [
    'unclassified-data',
    /unclassified|unlabel|not (?:classified|labell?ed)|no (?:label|classification)|without (?:label|classification)/,
  ],
  [
    'misplaced-data',
    /misplaced|residency|sovereign|wrong (?:region|environment|account)|outside (?:of )?(?:the )?(?:region|country|eu)|in (?:a )?non.?production/,
  ],
  ['public-data', /public|internet|anonymous|everyone|\bworld\b|open to (?:all|any|the)/],
  [
    'over-shared-data',
    /shar(?:ed|ing)|cross.?account|external|over.?(?:ly.?)?(?:permissi|expos)|excessive access|too many|all users|authenticated users/,
  ],
  ['stale-data', /stale|\bunused\b|inactive|not (?:been )?accessed|retention|orphan|abandoned/],
];

/**
 * The kind of finding that a rule's name tells. Only names of rules and categories are asked, which the platform or its
 * administrators wrote; descriptions quote tags and object names, and those are anybody's.
 */
export function kindByWords(
  words: readonly (string | null | undefined)[],
  subject: SubjectType,
): FindingKind {
  // What is neither identity nor store has none of these kinds, whatever its rule is called.
  if (subject === 'other') return 'other';
  const table = subject === 'store' ? STORE : IDENTITY;
  for (const word of words) {
    const text = (word ?? '').toLowerCase().replaceAll('_', ' ').slice(0, 500);
    const row = table.find(([, pattern]) => pattern.test(text));
    if (row !== undefined) return row[0];
  }
  return 'other';
}

const GROUP_OF_THINGS =
  /(?:security|scaling|resource|log|node|subnet|parameter|option|target|placement).{0,2}group/i;
const IDENTITY_TYPE =
  /iam|role|user|group|service.?(?:account|principal)|identity|principal|access and entitlement/i;
const STORE_TYPE =
  /bucket|storage|database|\bdb\b|rds|dynamo|redshift|blob|sql|file.?system|warehouse|cosmos|bigquery/i;

/** What a platform's own type name is about. Most things that are called a group are none of people. */
export function subjectByWords(words: string): 'identity' | 'store' | 'other' {
  if (STORE_TYPE.test(words)) return 'store';
  return IDENTITY_TYPE.test(words.replace(GROUP_OF_THINGS, '')) ? 'identity' : 'other';
}

const LABELS: readonly (readonly [DataLabel, RegExp])[] = [
  ['PHI', /\bphi\b|\bhealth|\bmedical|\bhipaa\b|\bpatient/],
  ['PCI', /\bpci\b|credit.?card|\bcardholder|payment.?card|\bcard number/],
  [
    'PII',
    /\bpii\b|personal|e-?mail|\bpassport|\bssn\b|social.?security|national.?id|\bphone|postal|\bcustomer\b|\bgdpr\b|driver/,
  ],
  ['financial', /financ|\biban\b|bank.?account|\btax\b/],
  ['credentials', /secret|credential|password|api.?key|private.?key|digital.?identity|\btokens?\b/],
  ['confidential', /confidential|proprietary|source.?code/],
];

/** Data labels in our words, from a platform's own categories and data types. */
export function labelsByWords(words: readonly unknown[]): DataLabel[] {
  const found = new Set<DataLabel>();
  for (const word of words) {
    if (typeof word !== 'string') continue;
    // Labels such as `mitre: credential access` tell of techniques and standards, not of data.
    if (/^(?:mitre|owasp|cis|nist)\b/i.test(word)) continue;
    const text = word
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .replaceAll('_', ' ')
      .slice(0, 200);
    for (const [label, pattern] of LABELS) if (pattern.test(text)) found.add(label);
  }
  return [...found];
}
