import type { Span } from './entity.js';

/** Service, region and the rest of an ARN inside a text (AWS General Reference, "Amazon Resource Names"). */
const ARN =
  /\barn:aws[a-z-]{0,20}:([a-z0-9-]{0,40}):([a-z0-9-]{0,30}|\*):([0-9]{12}|aws|cloudfront|\*|):([^\s"'<>,;)\]}]{1,1500})/g;

/** Words that stand for a kind of thing, or for everything, rather than for one thing of the customer's. */
const NOT_A_NAME = /^(?:root|\*|[*?/:]*|\$\{[^}]*\}|\$LATEST|service-role|aws-service-role|aws-reserved)$/;

/**
 * Account ids and names inside ARNs. The shape stays (`arn:aws:iam::[ACCOUNT_1]:role/[NAME_1]`), since a reader needs
 * to know what kind of thing it is; a wildcard at the end stays too. What AWS itself owns names nobody.
 */
export function arnSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(ARN)) {
    const [whole, service = '', , account = '', rest = ''] = match;
    const restStart = match.index + whole.length - rest.length;
    if (account === 'aws') continue;
    const accountStart = restStart - 1 - account.length;
    if (/^\d{12}$/.test(account))
      spans.push({ type: 'ACCOUNT', start: accountStart, end: accountStart + account.length });
    spans.push(...nameSpans(service, rest.replace(/[.:!?]+$/, ''), restStart));
  }
  return spans;
}

/** The parts of an ARN's last field that are names: after the type, between slashes and colons. */
function nameSpans(service: string, rest: string, offset: number): Span[] {
  const typed = service === 's3' ? null : /^[A-Za-z][A-Za-z0-9-]{0,40}[/:](?=.)/.exec(rest);
  const spans: Span[] = [];
  let start = typed === null ? 0 : typed[0].length;
  for (const part of rest.slice(start).split(/([/:])/)) {
    const name = part.replace(/^[*?]+|[*?]+$/g, '');
    const leading = part.length - part.replace(/^[*?]+/, '').length;
    if (name !== '' && name !== '/' && name !== ':' && !NOT_A_NAME.test(name) && !/^\d{12}$/.test(name)) {
      spans.push({
        type: 'NAME',
        start: offset + start + leading,
        end: offset + start + leading + name.length,
      });
    }
    start += part.length;
  }
  return spans;
}
