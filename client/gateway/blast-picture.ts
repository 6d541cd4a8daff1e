import { instance, type Viz } from '@viz-js/viz';
import { z } from 'zod';
import type { BlastRadius } from '../../domain/lifecycle/context.js';
import { html, type SafeHtml } from '../../domain/text/html.js';
import { shortName } from './words.js';

/** A picture of more nodes than this explains nothing; the table beside it has them all. */
const MAX_NODES = 60;
const POINTS_PER_INCH = 72;
const NODE_HEIGHT = 40;
const MAX_LABEL = 30;
const MARGIN = 16;

type BlastEdge = BlastRadius['edges'][number];
type BlastNode = BlastRadius['nodes'][number];

const point = z.string().regex(/^-?[\d.]+(e-?\d+)?,-?[\d.]+(e-?\d+)?$/);
const layoutSchema = z.object({
  bb: z.string(),
  objects: z.array(z.object({ _gvid: z.number(), pos: point })),
  edges: z.array(z.object({ _gvid: z.number(), pos: z.string(), lp: point.optional() })).default([]),
});

let engine: Promise<Viz> | undefined;

/**
 * Draws what the identity reaches, before and after. Graphviz only computes the places (its JSON output is read as
 * numbers); every mark and every word is drawn here, escaped, so that no label can become markup.
 */
export async function blastPicture(radius: BlastRadius): Promise<SafeHtml | undefined> {
  const nodes = radius.nodes.slice(0, MAX_NODES);
  const places = new Map(nodes.map((node, i) => [node.id, i]));
  const edges = radius.edges.filter((edge) => places.has(edge.from) && places.has(edge.to));
  if (nodes.length === 0) return undefined;
  engine ??= instance();
  const viz = await engine;
  const answer = viz.render(
    {
      directed: true,
      graphAttributes: { rankdir: 'LR', nodesep: 0.22, ranksep: 0.9 },
      nodeAttributes: { shape: 'box', fixedsize: true, label: '', height: NODE_HEIGHT / POINTS_PER_INCH },
      edgeAttributes: { fontsize: 10.5, arrowsize: 0.7 },
      nodes: nodes.map((node, i) => ({
        name: `n${i}`,
        attributes: { width: widthOf(node) / POINTS_PER_INCH },
      })),
      edges: edges.map((edge) => ({
        tail: `n${places.get(edge.from)}`,
        head: `n${places.get(edge.to)}`,
        attributes: { label: 'x'.repeat(edgeLabel(edge).length) },
      })),
    },
    { format: 'json0' },
  );
  if (answer.status !== 'success') return undefined;
  return draw(layoutSchema.parse(JSON.parse(answer.output)), nodes, edges);
}

function widthOf(node: BlastNode): number {
  return Math.max(92, 24 + 6.9 * nodeLabel(node).length);
}
function nodeLabel(node: BlastNode): string {
  return cut(node.label === '' ? shortName(node.id) : node.label);
}
function edgeLabel(edge: BlastEdge): string {
  return cut(edge.label);
}
function cut(text: string): string {
  return text.length > MAX_LABEL ? `${text.slice(0, MAX_LABEL - 1)}…` : text;
}

function draw(
  layout: z.infer<typeof layoutSchema>,
  nodes: readonly BlastNode[],
  edges: readonly BlastEdge[],
): SafeHtml {
  const [, , width = 0, height = 0] = layout.bb.split(',').map(Number);
  const flip = ([x, y]: Point): Point => [round(x + MARGIN), round(height - y + MARGIN)];
  const [w, h] = [Math.ceil(width + 2 * MARGIN), Math.ceil(height + 2 * MARGIN)];
  const drawnEdges = layout.edges.map((placed, i) => drawEdge(placed, edges[i], flip));
  const drawnNodes = layout.objects.map((placed, i) => drawNode(placed.pos, nodes[i], flip));
  return html`<div class="picture" tabindex="0" role="group" aria-label="Blast radius, scrollable"><svg viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-labelledby="blast-title"><title id="blast-title">What the identity reaches before and after the change; the table below says the same</title>${drawnEdges}${drawnNodes}</svg></div>`;
}

type Point = readonly [x: number, y: number];
function round(n: number): number {
  return Math.round(n * 10) / 10;
}
function parsePoint(text: string): Point {
  const [x = 0, y = 0] = text.split(',').map(Number);
  return [x, y];
}

/** How an edge fares: it stays, it goes, or (never in a proved reduction) it is added. */
export function fate(edge: Pick<BlastEdge, 'before' | 'after'>): 'kept' | 'gone' | 'added' {
  if (edge.before && !edge.after) return 'gone';
  return !edge.before && edge.after ? 'added' : 'kept';
}

function drawEdge(
  placed: { pos: string; lp?: string | undefined },
  edge: BlastEdge | undefined,
  flip: (at: Point) => Point,
): SafeHtml | false {
  if (edge === undefined) return false;
  // Graphviz: "e,x,y x,y x,y …": the arrow's tip, then a start and triples of Bézier points.
  const parts = placed.pos.split(' ');
  const tip = parts.find((part) => part.startsWith('e,'));
  const [start, ...rest] = parts.filter((part) => /^-?\d/.test(part)).map((part) => flip(parsePoint(part)));
  const end = rest.at(-1);
  if (start === undefined || end === undefined) return false;
  const way = fate(edge);
  const label = placed.lp === undefined ? undefined : flip(parsePoint(placed.lp));
  return html`<path class="edge ${way}" d="M${start.join(' ')} C${rest.map((at) => at.join(' ')).join(' ')}"/>${
    tip !== undefined && arrow(end, flip(parsePoint(tip.slice(2))), way)
  }${label !== undefined && html`<text class="edge-label ${way}" x="${label[0]}" y="${label[1] + 3}" text-anchor="middle">${edgeLabel(edge)}</text>`}`;
}

function arrow([x, y]: Point, [tipX, tipY]: Point, way: string): SafeHtml {
  const length = Math.hypot(tipX - x, tipY - y) || 1;
  const [dx, dy] = [((tipX - x) / length) * 4, ((tipY - y) / length) * 4];
  const points = [
    `${tipX},${tipY}`,
    `${round(x - dy)},${round(y + dx)}`,
    `${round(x + dy)},${round(y - dx)}`,
  ];
  return html`<polygon class="tip ${way}" points="${points.join(' ')}"/>`;
}

function drawNode(pos: string, node: BlastNode | undefined, flip: (at: Point) => Point): SafeHtml | false {
  if (node === undefined) return false;
  const [x, y] = flip(parsePoint(pos));
  const width = widthOf(node);
  return html`<g><title>${node.id}</title><rect class="${node.sensitive ? 'node sensitive' : 'node'}" x="${round(x - width / 2)}" y="${round(y - NODE_HEIGHT / 2)}" width="${round(width)}" height="${NODE_HEIGHT}" rx="9"/><text x="${x}" y="${round(y - 1)}" text-anchor="middle">${nodeLabel(node)}</text><text class="kind" x="${x}" y="${round(y + 13)}" text-anchor="middle">${node.kind}${node.sensitive && ' · sensitive'}</text></g>`;
}
