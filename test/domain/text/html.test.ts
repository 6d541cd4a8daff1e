import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { escapeHtml, html, link, safeUrl } from '../../../domain/text/html.js';

describe('html', () => {
  it('escapes values, keeps markup, joins lists, and leaves out what is absent', () => {
    const inner = html`<b>${'a & "b"'}</b>`;
    expect(html`<p title="${`'x'`}">${inner}${[inner, 1]}${undefined}${null}${false}${0}</p>`.text).toBe(
      '<p title="&#39;x&#39;"><b>a &amp; &quot;b&quot;</b><b>a &amp; &quot;b&quot;</b>10</p>',
    );
  });

  it('never lets text end an element or an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`\u202e]/);
        expect(escapeHtml(text).replace(/&(amp|lt|gt|quot|#39|#96);/g, '')).not.toContain('&');
      }),
    );
  });
});

describe('an address', () => {
  it.each([
    ['https://example.com/a?b=c', 'https://example.com/a?b=c'],
    ['/requests/1', '/requests/1'],
    ['javascript:alert(1)', undefined],
    [' javascript:alert(1)', undefined],
    ['JaVaScRiPt:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['//evil.example', undefined],
    ['/\\evil.example', undefined],
    ['https://user@evil.example', undefined],
    ['relative', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s', (url, expected) => {
    expect(safeUrl(url)).toBe(expected);
  });

  it('that is not safe leaves the text', () => {
    expect(link('<x>', 'javascript:1').text).toBe('&lt;x&gt;');
  });
});
