/** Markup that may be sent as it is. Only `html` makes it. */
export class SafeHtml {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: text is escaped, nothing is shown for absent values. */
export type HtmlValue = SafeHtml | string | number | false | null | undefined | readonly HtmlValue[];

/**
 * A template whose values are escaped, for element content and double-quoted attributes alike.
 * Never put a value into a script, a style, an unquoted attribute or an event handler.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): SafeHtml {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) text += write(value) + (strings[index + 1] ?? '');
  return new SafeHtml(text);
}

function write(value: HtmlValue): string {
  if (value instanceof SafeHtml) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if (value === false || value === null || value === undefined) return '';
  return value.map(write).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};
// Controls can end a document early, and direction overrides can make a name read as another one.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be replaced
const MISLEADING = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;

/** Text of any origin as HTML text: nothing in it is markup, and nothing in it hides or reorders what is around it. */
export function escapeHtml(text: string): string {
  return text.replace(MISLEADING, '\ufffd').replace(/[&<>"'`]/g, (letter) => ENTITIES[letter] ?? '');
}

/** An address for `href`: http, https or a path of ours; anything else (`javascript:` …) is undefined. */
export function safeUrl(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  if (/^\/(?![/\\])/.test(url)) return url;
  if (!URL.canParse(url)) return undefined;
  const { protocol, username, href } = new URL(url);
  return (protocol === 'https:' || protocol === 'http:') && username === '' ? href : undefined;
}

/** A link if the address is safe, else its text alone. */
export function link(text: string, url: string | undefined): SafeHtml {
  const address = safeUrl(url);
  return address === undefined ? html`${text}` : html`<a href="${address}" rel="noreferrer">${text}</a>`;
}
