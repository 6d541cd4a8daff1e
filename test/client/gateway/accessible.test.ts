import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readBlame } from '../../../domain/blame/denial.js';
import { type Browser, browse, type Desk, openDesk, signIn } from './support/desk.js';
import { draftRow, findingRow, NOW, REQUEST_ID, requestRow } from './support/organisation.js';

const DENIED =
  'User: arn:aws:iam::123456789012:user/jo is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k';
const ticket = {
  id: 't1',
  number: 'CUR-1',
  title: 'A ticket',
  state: 'open' as const,
  severity: 'high',
  openedAtMs: NOW,
  decideUrl: 'http://127.0.0.1/requests/1',
  body: [{ type: 'paragraph' as const, text: 'What it is about' }],
  comments: [{ id: 'c', author: 'Ana', text: 'Why?', atIso: '2026-10-01T08:00:00Z', ours: false }],
};
const blamed = {
  id: 'change/1',
  status: 'verified' as const,
  route: 'api' as const,
  findingKey: findingRow().key,
  what: ['Replace an inline policy'],
  approvals: [{ personId: 'ana', name: 'Ana Silva' }],
};

let desk: Desk;
const pages = new Map<string, string>();
const PATHS: readonly (readonly [path: string, personId: string])[] = [
  ['/', 'ben'],
  ['/findings', 'ben'],
  [`/findings/${findingRow().key}`, 'ben'],
  [`/requests/${encodeURIComponent(REQUEST_ID)}`, 'ana'],
  ['/owners', 'ben'],
  ['/digest', 'ben'],
  ['/tickets', 'ben'],
  ['/tickets/t1', 'ben'],
  ['/audit', 'cleo'],
  ['/blame', 'ben'],
  [`/blame?${new URLSearchParams({ about: DENIED })}`, 'ben'],
  ['/no-such-page', 'ben'],
];
beforeAll(async () => {
  desk = openDesk({
    tickets: {
      list: async () => [ticket],
      ticket: async () => ticket,
      addComment: async () => {},
      close: async () => {},
    },
    blame: async () => {
      const blame = { verdict: 'yes' as const, code: 'took-away' as const, why: 'it was allowed before' };
      return {
        question: readBlame(DENIED),
        arns: ['arn:aws:s3:::b'],
        blame,
        changes: [{ ...blamed, blame }],
        more: true,
      };
    },
  });
  const { draft, digest, workflowId } = draftRow();
  const row = { id: 'change/1', workflowId, generation: 1, digest, requestId: requestRow().request.id };
  desk.ledger.rows.changes.push({
    ...row,
    findingKeys: [findingRow().key],
    changes: draft.changes,
    route: 'api',
    status: 'verified',
  });
  const browsers = new Map<string, Browser>();
  for (const [path, personId] of PATHS) {
    const browser = browsers.get(personId) ?? (await signIn(desk, personId));
    browsers.set(personId, browser);
    pages.set(path, (await browser.get(path)).text);
  }
  pages.set('/sign-in', (await browse(desk.app).get('/sign-in')).text);
});
afterAll(() => desk.app.close());

const NAMES = [...PATHS.map(([path]) => path), '/sign-in'];
const page = (path: string): string => pages.get(path) ?? '';
const all = (html: string, pattern: RegExp): readonly string[] =>
  [...html.matchAll(pattern)].map((found) => found[0]);
const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];

// What a screen reader needs, by WCAG 2.2: 1.1.1, 1.3.1, 2.4.1, 2.4.6, 3.1.1, 4.1.2.
describe('a page for ears', () => {
  it.each(NAMES)('%s says its language and title, and lets one skip to its content', (path) => {
    const html = page(path);
    expect(html).toContain('<html lang="en">');
    expect(/<title>([^<]+) · Curtail<\/title>/.exec(html)?.[1]).toBeTruthy();
    expect(html).toContain('class="skip" href="#content"');
    expect(all(html, /<main id="content"/g)).toHaveLength(1);
  });

  it.each(NAMES)('%s has one first heading, and skips no level', (path) => {
    const levels = all(page(path), /<h[1-6]/g).map((tag) => Number(tag.slice(2)));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.filter((level, at) => level > (levels[at - 1] ?? 0) + 1)).toEqual([]);
  });

  it.each(NAMES)('%s names every field, button and picture', (path) => {
    const html = page(path);
    const labels = new Set(all(html, /<label[^>]*\sfor="[^"]*"/g).map((tag) => attribute(tag, 'for')));
    const wrapped = all(html, /<label[^>]*>(?:(?!<\/label>)[\s\S])*<(?:input|select|textarea)[^>]*>/g);
    const nameless = all(html, /<(?:input|select|textarea)\b[^>]*>/g)
      .filter((tag) => attribute(tag, 'type') !== 'hidden')
      .filter((tag) => !labels.has(attribute(tag, 'id')) && attribute(tag, 'aria-label') === undefined)
      .filter((tag) => !wrapped.some((label) => label.endsWith(tag)));
    expect(nameless).toEqual([]);
    expect(all(html, /<button[^>]*>\s*<\/button>/g)).toEqual([]);
    expect(all(html, /<img(?![^>]*\salt=)[^>]*>/g)).toEqual([]);
    expect(all(html, /<svg(?![^>]*(?:aria-hidden|aria-label|role="img"))[^>]*>/g)).toEqual([]);
  });

  it.each(NAMES)('%s gives every table headers that say what they head', (path) => {
    const tables = all(page(path), /<table[\s\S]*?<\/table>/g);
    expect(tables.filter((table) => !table.includes('<th scope='))).toEqual([]);
    expect(tables.flatMap((table) => all(table, /<th(?![^>]*\sscope=)[\s>]/g))).toEqual([]);
  });

  it.each(NAMES)('%s uses no id twice, and refers to none that is missing', (path) => {
    const html = page(path);
    const ids = all(html, /\sid="[^"]*"/g).map((text) => text.slice(5, -1));
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    const wanted = all(html, /\s(?:for|aria-labelledby|aria-describedby)="[^"]*"/g).flatMap((text) =>
      text.slice(text.indexOf('"') + 1, -1).split(' '),
    );
    const anchors = all(html, /href="#[^"]+"/g).map((text) => text.slice(7, -1));
    expect([...wanted, ...anchors].filter((id) => !ids.includes(id))).toEqual([]);
  });
});
