import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { GatewayLedger } from './deps.js';

/** What the gateway counts. Labels come from fixed lists, never from outside text. */
export interface Metrics {
  registry: Registry;
  decision(verdict: string, via: string, outcome: 'accepted' | 'refused' | 'unsure'): void;
  /** `why` is one of a few words, e.g. `separation`, `stale`, `csrf`. */
  refusal(why: string): void;
  webhook(route: string, outcome: string): void;
}

/** The gateway's own registry, with request latency measured on `app`. */
export function openMetrics(app: FastifyInstance, ledger: Pick<GatewayLedger, 'counts'>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const decisions = new Counter({
    name: 'curtail_decisions_total',
    help: 'Decisions handed to workflows, by verdict, way and outcome',
    labelNames: ['verdict', 'via', 'outcome'],
    registers,
  });
  const refusals = new Counter({
    name: 'curtail_refusals_total',
    help: 'What the gateway refused, by reason',
    labelNames: ['why'],
    registers,
  });
  const webhooks = new Counter({
    name: 'curtail_webhooks_total',
    help: 'Webhook deliveries, by route and outcome',
    labelNames: ['route', 'outcome'],
    registers,
  });
  addLatency(registers, app);
  addFindingGauges(registers, ledger);
  return {
    registry,
    decision: (verdict, via, outcome) => decisions.inc({ verdict, via, outcome }),
    refusal: (why) => refusals.inc({ why }),
    webhook: (route, outcome) => webhooks.inc({ route, outcome }),
  };
}

function addLatency(registers: Registry[], app: FastifyInstance): void {
  const latency = new Histogram({
    name: 'curtail_http_request_seconds',
    help: 'Time to answer, by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10],
    registers,
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    const status = String(reply.statusCode);
    latency.observe({ method: request.method, route, status }, reply.elapsedTime / 1000);
  });
}

function addFindingGauges(registers: Registry[], ledger: Pick<GatewayLedger, 'counts'>): void {
  const outcomes = new Gauge({
    name: 'curtail_findings_by_outcome',
    help: 'Closed findings, by outcome',
    labelNames: ['outcome'],
    registers,
  });
  new Gauge({
    name: 'curtail_findings',
    help: 'Findings, by stage',
    labelNames: ['stage'],
    registers,
    async collect() {
      const counted = await ledger.counts();
      this.reset();
      outcomes.reset();
      for (const [stage, n] of Object.entries(counted.stages)) this.set({ stage }, n);
      for (const [outcome, n] of Object.entries(counted.outcomes)) outcomes.set({ outcome }, n);
    },
  });
}
