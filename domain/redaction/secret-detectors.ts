import { entropyOf } from './checksums.js';
import type { Detector } from './entity.js';

/** Values that stand for a secret without being one. */
const PLACEHOLDER =
  /^(?:\*+|x+|<.*>|\$\{.*\}?|\$\(.*|%.*%|\{\{.*|null|none|nil|undefined|true|false|required|optional|redacted|changeme|env:\w+|file:.+|vault:.+|\[.*\]?)$/i;

/** Looks like random base64 rather than a path or a word: both cases, a digit, and high entropy. */
function looksRandom(value: string): boolean {
  return /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value) && entropyOf(value) > 4.2;
}

/** A value after `password:` in prose is only a word; after `=` or in quotes it is taken as it is. */
function isAssignedSecret(value: string, match: RegExpExecArray): boolean {
  if (PLACEHOLDER.test(value)) return false;
  const prose =
    match[1] === ':' && (match[2] ?? '') === '' && /^[a-z]+[.!?]?$/i.test(value) && !/[a-z][A-Z]/.test(value);
  return !prose;
}

/**
 * Secrets, most telling first. Formats are those that the issuers publish (AWS IAM "Unique identifiers"; GitHub "Token
 * formats"; Slack "Token types"; RFC 7519 for JWT; RFC 7468 for PEM; RFC 9110 §11.6.2 for Authorization).
 */
export const SECRET_DETECTORS: readonly Detector[] = [
  { type: 'PEM', pattern: /-----BEGIN ([A-Z0-9 ]{1,40})-----[^"]*?(?:-----END \1-----|(?=")|$)/g },
  { type: 'JWT', pattern: /(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*){2,4}/g },
  {
    type: 'CREDENTIAL',
    group: 1,
    pattern:
      /\bauthorization(?:\\{0,3}["'])?\s{0,5}[:=]\s{0,5}(?:\\{0,3}["'])?AWS4-HMAC-SHA256\s{1,5}([^"'\r\n\\]{10,2000})/gi,
  },
  {
    type: 'CREDENTIAL',
    group: 1,
    pattern:
      /\b(?:proxy-)?authorization(?:\\{0,3}["'])?\s{0,5}[:=]\s{0,5}(?:\\{0,3}["'])?(?:(?:basic|bearer|digest|token|apikey|negotiate|splunk|genie-?key)\s{1,5})?(?:\\{0,3}["'])?((?:[^\s"',;\\]|\\(?!["'\\])){3,4000})/gi,
  },
  {
    type: 'CREDENTIAL',
    group: 1,
    pattern: /\b(?:bearer|basic)\s{1,3}([A-Za-z0-9+/=._~-]{16,4000})/gi,
    accept: (value) => /\d/.test(value),
  },
  {
    type: 'CREDENTIAL',
    group: 1,
    pattern:
      /\b(?:x-api-key|x-auth-token|x-vault-token|x-amz-security-token|private-token|set-cookie|cookie)(?:\\{0,3}["'])?\s{0,5}[:=]\s{0,5}(?:\\{0,3}["'])?((?:[^\s"',;\\]|\\(?!["'\\])){3,4000})/gi,
  },
  {
    type: 'CONNECTION',
    pattern:
      /\b(?:jdbc:)?(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver|oracle(?::thin)?|clickhouse|cassandra|ldaps?|smtps?|s?ftp|couchdb|neo4j|snowflake):\/\/[^\s"'<>`\\]{3,2000}/gi,
  },
  {
    type: 'CONNECTION',
    group: 1,
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/([^\s/@"'<>\\]{1,200}:[^\s/@"'<>\\]{1,200})@/gi,
  },
  {
    type: 'CREDENTIAL',
    group: 1,
    pattern: /(?<=\s)(?:-u|--user)[ =](?:\\{0,3}["'])?([^\s:"'\\]{1,100}:[^\s"'\\]{1,200})/g,
  },
  { type: 'TOKEN', pattern: /https:\/\/hooks\.slack\.com\/[a-z]{1,20}\/[A-Za-z0-9/_-]{10,200}/g },
  {
    type: 'AWS_KEY',
    pattern:
      /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA|AIDA|AROA|AGPA|AIPA|ANPA|ANVA|APKA|ASCA)[A-Z0-9]{16,17}(?![A-Za-z0-9])/g,
  },
  {
    type: 'AWS_SECRET',
    pattern: /(?<![A-Za-z0-9])(?:FwoGZXIvYXdz|IQoJb3JpZ2lu|FQoGZXIvYXdz)[A-Za-z0-9/+=]{40,4000}/g,
  },
  {
    type: 'AWS_SECRET',
    group: 1,
    pattern:
      /secret_?(?:access_?)?key(?:_id)?(?:\\{0,3}["'])?\s{0,5}(?:[:=]|=>)\s{0,5}(?:\\{0,3}["'])?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gi,
  },
  {
    type: 'AWS_SECRET',
    pattern: /(?<![A-Za-z0-9/+=_.-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_.-])/g,
    accept: looksRandom,
  },
  {
    type: 'TOKEN',
    pattern:
      /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}|glpat-[\w-]{16,64}|xox[abceoprs]-[A-Za-z0-9-]{8,255}|xapp-[A-Za-z0-9-]{8,255}|sk-(?:ant-|proj-|svcacct-|admin-|or-)?[A-Za-z0-9_-]{16,255}|AIza[\w-]{35}|ya29\.[\w.-]{20,1000}|GOCSPX-[\w-]{20,40}|[rsp]k_(?:live|test)_[A-Za-z0-9]{10,255}|whsec_[A-Za-z0-9+/=]{16,100}|SG\.[\w-]{16,40}\.[\w-]{30,60}|npm_[A-Za-z0-9]{30,50}|pypi-[\w-]{40,300}|hf_[A-Za-z0-9]{30,60}|hv[sbr]\.[\w-]{20,300}|do[por]_v1_[0-9a-f]{64}|dapi[0-9a-f]{32}|ATATT[\w=-]{20,300}|lin_api_[A-Za-z0-9]{30,60}|shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}|sq0[a-z]{3}-[\w-]{20,60}|key-[0-9a-f]{32}|NRAK-[A-Z0-9]{27}|glsa_[A-Za-z0-9_]{32,60}|pul-[0-9a-f]{40})(?![A-Za-z0-9])/g,
  },
  {
    type: 'TOKEN',
    group: 1,
    pattern:
      /\b(?:AccountKey|SharedAccessKey|sig|signature|x-amz-signature|x-amz-credential)=([A-Za-z0-9%+/=_-]{20,500})/gi,
  },
  {
    type: 'SECRET',
    group: 3,
    pattern:
      /(?:password|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token|refresh[_-]?token|id[_-]?token|session[_-]?token|private[_-]?key|client[_-]?secret|token)(?:\\{0,3}["'])?\s{0,5}(:|=>?)\s{0,5}(\\{0,3}["']|)((?:[^\s"',;&<>\\]|\\(?!["'\\])){4,2000})/gi,
    accept: isAssignedSecret,
  },
];
