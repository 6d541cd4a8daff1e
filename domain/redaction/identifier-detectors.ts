import { passesLuhn } from './checksums.js';
import type { Detector } from './entity.js';
import { looksLikePerson, mayBePerson } from './person-names.js';

/** Addresses that name nobody: everywhere, here, and the ones of documentation's wildcards. */
const COMMON_ADDRESSES = new Set(['0.0.0.0', '127.0.0.1', '255.255.255.255', '::', '::1']);

const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';

function isCard(value: string): boolean {
  const digits = value.replaceAll(/[ -]/g, '');
  return /^[3-6]/.test(digits) && !/^(\d)\1+$/.test(digits) && passesLuhn(digits);
}

function isPhone(value: string): boolean {
  const digits = value.replaceAll(/\D/g, '').length;
  return digits >= 8 && digits <= 15;
}

function isIpv6(value: string): boolean {
  if (COMMON_ADDRESSES.has(value) || !/[0-9a-f]/i.test(value)) return false;
  const groups = value.split(':');
  const compressed = value.includes('::');
  if (compressed ? groups.length > 8 || value.indexOf('::') !== value.lastIndexOf('::') : groups.length !== 8)
    return false;
  // `a::b` is a word of C++ or a path of YAML as often as an address: ask for a digit.
  return groups.every((group) => group.length <= 4) && /\d/.test(value);
}

/** A person's name in one to three capitalised words. */
const PERSON_NAME = "\\p{Lu}[\\p{L}'’-]{1,30}(?: \\p{Lu}\\.?(?:[\\p{L}'’-]{1,30})?){0,2}";

/** Identifiers and personal data, most telling first. IBAN and ARN are found by code of their own. */
export const IDENTIFIER_DETECTORS: readonly Detector[] = [
  {
    type: 'EMAIL',
    pattern:
      /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+'-]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}])/gu,
  },
  { type: 'NAME', group: 1, pattern: /\bs3a?:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/g },
  {
    type: 'NAME',
    group: 1,
    pattern: /\b([a-z0-9][a-z0-9-]{1,61}[a-z0-9])\.s3(?:[.-][a-z0-9-]{1,30})?\.amazonaws\.com/g,
  },
  { type: 'ACCOUNT', group: 1, pattern: /\bprojects\/([a-z][a-z0-9-]{4,28}[a-z0-9])\b/g },
  {
    type: 'UUID',
    pattern: /(?<![0-9a-z-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z-])/gi,
  },
  {
    type: 'CARD',
    pattern: /(?<![\d.-])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?![\d-])/g,
    accept: isCard,
  },
  { type: 'SSN', pattern: /(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g },
  {
    type: 'ACCOUNT',
    pattern: /(?<![A-Za-z0-9.]|\d-)(?:\d{12}|\d{4}-\d{4}-\d{4})(?![A-Za-z0-9]|\.\d|-\d{4}(?!\d))/g,
  },
  {
    type: 'RESOURCE',
    pattern:
      /(?<![A-Za-z0-9-])(?:i|vpc|sg|subnet|eni|vol|ami|snap|rtb|igw|nat|eipalloc|acl|pcx|tgw|vpce|lt)-(?:[0-9a-f]{17}|[0-9a-f]{8})(?![A-Za-z0-9])/g,
  },
  {
    type: 'IP',
    pattern: new RegExp(`(?<![\\w.])${OCTET}(?:\\.${OCTET}){3}(?![\\w]|\\.\\d|-[a-z])`, 'g'),
    accept: (value) => !COMMON_ADDRESSES.has(value),
  },
  {
    type: 'MAC',
    pattern: /(?<![0-9a-z:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![0-9a-z:-])/gi,
  },
  { type: 'IP', pattern: /(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi, accept: isIpv6 },
  {
    type: 'HOST',
    pattern:
      /(?<![\w.-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}(?:internal|local|corp|lan|intra|(?:rds|elb|cache|redshift|es|ec2|eks|compute|elasticache|docdb|neptune)\.amazonaws\.com|database\.windows\.net|blob\.core\.windows\.net|vault\.azure\.net|azurewebsites\.net|cloudfront\.net)(?![\w-])/gi,
  },
  {
    type: 'PHONE',
    pattern: /(?<![\w+.-])\+\d{1,3}(?:[ .-]?\(\d{1,4}\))?(?:[ .-]?\d){6,13}(?![\w-])/g,
    accept: isPhone,
  },
  { type: 'PHONE', pattern: /(?<![\w.-])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-]|\.\d)/g },
  {
    type: 'PHONE',
    pattern: /(?<![\w.-])0\d{2,4}[ /-]\d{3,4}[ -]\d{3,4}(?![\w-])|(?<![\w.-])0\d{2,4}[ /]\d{6,9}(?![\w-])/g,
  },
  {
    type: 'PHONE',
    group: 1,
    pattern:
      /\b(?:phone|telephone|tel|mobile|cell|fax)\b(?: ?(?:no|number))?[.:#]{0,2} {0,2}(\+?[\d(][\d ().-]{5,20}\d)(?!\d)/gi,
    accept: isPhone,
  },
  {
    type: 'BIRTHDATE',
    group: 1,
    pattern:
      /\b(?:dob|date of birth|birth ?date|born(?: on)?)["']?\s{0,2}[:=]?\s{0,2}["']?(\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2} \p{L}{3,9} \d{4}|\p{L}{3,9} \d{1,2}, \d{4})/giu,
  },
  {
    type: 'IDENTITY_NUMBER',
    group: 1,
    pattern:
      /\b(?:passport|driver'?s? licen[cs]e|mrn|medical record|patient id|national id|tax id|vat id)\b(?: ?(?:no|number|id))?[.:#=]{0,2} {0,2}([A-Z]{0,3}\d[A-Z0-9-]{4,14})(?![A-Za-z0-9])/gi,
  },
  {
    type: 'ADDRESS',
    pattern:
      /(?<![\w.-])\d{1,5}[A-Za-z]? (?:\p{Lu}\p{L}{1,30} ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Boulevard|Blvd|Court|Ct|Square|Sq|Terrace|Way)\b\.?|\b\p{Lu}\p{L}{1,30}(?:straße|strasse|weg|platz|gasse) \d{1,4}[a-z]?(?!\w)/gu,
  },
  { type: 'PERSON', group: 1, pattern: new RegExp(`\\b(?:Mr|Mrs|Ms|Mx|Dr|Prof)\\.? (${PERSON_NAME})`, 'gu') },
  {
    type: 'PERSON',
    group: 1,
    pattern:
      /\b(?:[Ff]ull ?[Nn]ame|[Nn]ame|[Oo]wner|[Ee]mployee|[Pp]atient|[Cc]ustomer|[Cc]ontact|[Rr]equester|[Aa]pprover|[Mm]anager|[Aa]ssignee|[Cc]reated by|[Aa]uthor)["']?\s?[:=]\s?["']?(\p{Lu}[\p{L}'’-]{1,30}(?: \p{Lu}\.?(?:[\p{L}'’-]{1,30})?){1,2})(?![\p{L}:])/gu,
  },
  {
    type: 'PERSON',
    pattern:
      /(?<![\p{L}\p{N}_-])\p{Lu}\p{Ll}{1,20}(?: \p{Lu}\.?)? \p{Lu}[\p{L}'’-]{1,30}(?![\p{L}\p{N}_:-])/gu,
    accept: looksLikePerson,
  },
  {
    type: 'PERSON',
    group: 1,
    pattern:
      /\b(?:[Mm]y name is|[Ss]igned|[Rr]equested by|[Aa]pproved by|[Rr]eported by|[Aa]ssigned to|[Dd]ear|[Rr]egards,) (\p{Lu}\p{Ll}[\p{L}'’-]{0,30}(?: \p{Lu}[\p{L}'’-]{1,30}){0,2})/gu,
    accept: mayBePerson,
  },
];
