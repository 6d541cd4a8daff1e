/** What a page of the gateway answered. */
export interface Page {
  status: number;
  text: string;
  location: string | undefined;
}

/** One person with a browser: signs in with a one-time code and fills in the gateway's own forms. */
export interface Visitor {
  readonly personId: string;
  get(path: string): Promise<Page>;
  /** Sends the form of `path` that posts to `action`, with its hidden fields and these values. */
  submit(
    path: string,
    action: string,
    values: Readonly<Record<string, string | readonly string[]>>,
  ): Promise<Page>;
}

/** Where a scripted person finds the gateway, and where sign-in codes are read. */
export interface VisitorOptions {
  gatewayUrl: string;
  personId: string;
  /** The code that was sent to this person after a sign-in was begun. */
  nextCode: (personId: string) => Promise<string>;
}

/** Signs a person in over HTTP. @throws Error when the gateway does not let them in. */
export async function signIn(options: VisitorOptions): Promise<Visitor> {
  const browser = openBrowser(options.gatewayUrl);
  const code = options.nextCode(options.personId);
  const asked = await browser.post('/sign-in', new URLSearchParams({ who: options.personId, next: '/' }));
  const challenge = hiddenFields(asked.text).get('challenge') ?? '';
  const done = await browser.post(
    '/sign-in/code',
    new URLSearchParams({ challenge, next: '/', code: await code }),
  );
  if (done.status !== 303) throw new Error(`signing in ${options.personId}: HTTP ${done.status}`);
  return {
    personId: options.personId,
    get: (path) => browser.get(path),
    async submit(path, action, values) {
      const page = await browser.get(path);
      const form = formTo(page.text, action);
      if (form === undefined)
        throw new Error(`${options.personId}: ${path} has no form to ${action} (HTTP ${page.status})`);
      const body = hiddenFields(form);
      for (const [name, value] of Object.entries(values)) {
        body.delete(name);
        for (const item of typeof value === 'string' ? [value] : value) body.append(name, item);
      }
      const answer = await browser.post(action, body);
      return answer.location === undefined ? answer : browser.get(answer.location);
    },
  };
}

function openBrowser(base: string) {
  const cookies = new Map<string, string>();
  async function send(path: string, init: RequestInit): Promise<Page> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, base), {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, origin: base, ...(cookie !== '' && { cookie }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = response.headers.get('location') ?? undefined;
    return { status: response.status, text: await response.text(), location };
  }
  return {
    get: (path: string) => send(path, {}),
    post: (path: string, body: URLSearchParams) =>
      send(path, {
        method: 'POST',
        body: body.toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      }),
  };
}

/** The form of a page that posts to `action`: the first one when several do. */
function formTo(page: string, action: string): string | undefined {
  const escaped = action.replaceAll('&', '&amp;');
  return page.split('<form ').find((form) => form.includes(`action="${escaped}"`));
}

function hiddenFields(form: string): URLSearchParams {
  const [inside = ''] = form.split('</form>');
  const fields = new URLSearchParams();
  for (const [input] of inside.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = /name="([^"]*)"/.exec(input)?.[1];
    const value = /value="([^"]*)"/.exec(input)?.[1];
    if (name !== undefined) fields.append(name, unescapeHtml(value ?? ''));
  }
  return fields;
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
