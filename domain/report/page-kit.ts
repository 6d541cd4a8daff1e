import { html, type SafeHtml } from '../text/html.js';
import type { Pair, ReportIdentity } from './model.js';

/** How good something is, as a colour; the words beside it say the same. */
export type Tone = 'good' | 'warn' | 'bad' | 'quiet' | 'accent';

/** A number for people: 22091 is 22,091. */
export function number(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A count with its noun. */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${number(value)} ${value === 1 ? noun : plural}`;
}

/** A share of 0..1 in per cent. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** By how much less, in words; nothing when it is no less. */
export function reduction({ before, after }: Pair): string {
  if (before === 0 || after >= before) return 'None fewer';
  const share = Math.round((100 * (before - after)) / before);
  return share === 0 ? 'Less than 1 % fewer' : `${share} % fewer`;
}

/** A short coloured word. */
export function chip(text: string, tone: Tone): SafeHtml {
  return html`<span class="chip tone-${tone}">${text}</span>`;
}

/** A bar for a share of 0..1; with `after`, how much of it is left. */
export function meter(share: number, tone: Tone, after?: number): SafeHtml {
  const width = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 10;
  return html`<svg class="meter tone-${tone}" viewBox="0 0 100 7" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="7"/><rect class="fill" width="${width(share)}" height="7"/>${after !== undefined && html`<rect class="after" width="${width(after)}" height="7"/>`}</svg>`;
}

const BAND_TONES = { critical: 'bad', high: 'bad', medium: 'warn', low: 'quiet' } as const;

/** The colour of a risk band. */
export function bandTone(band: ReportIdentity['risk']['band']): Tone {
  return BAND_TONES[band];
}

/** The colour of an over-permission index. */
export function indexTone(index: number): Tone {
  return index >= 70 ? 'bad' : index >= 35 ? 'warn' : 'good';
}

/** The last part of an ARN. */
export function shortName(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1);
}

/** A list, or nothing. */
export function list(items: readonly (string | SafeHtml)[], className = 'plain'): SafeHtml | false {
  return (
    items.length > 0 && html`<ul class="${className}">${items.map((item) => html`<li>${item}</li>`)}</ul>`
  );
}

/** A text cut in the middle of nothing: at most so many characters, with an ellipsis. */
export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** The anchor of something named by an ARN or an id: two names never share one. */
export function anchor(kind: string, id: string): string {
  return `${kind}-${id.replace(/[^A-Za-z0-9]/g, (letter) => `_${letter.charCodeAt(0).toString(16)}`)}`;
}

/** A button that opens or closes every entry of a list. */
export function openAll(listId: string): SafeHtml {
  return html`<button type="button" data-open="${listId}">Open all</button>`;
}
