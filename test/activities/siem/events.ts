import type { SiemEvent } from '../../../activities/siem/port.js';

export function event(seq: number, over: Partial<SiemEvent> = {}): SiemEvent {
  return {
    seq,
    stream: 'finding/k1',
    atIso: '2026-01-02T03:04:05.678Z',
    type: 'decision.accepted',
    actor: 'ada',
    findingKey: 'k1',
    digest: 'a'.repeat(64),
    fields: { requestId: 'r1', n: 2, ok: true },
    ...over,
  };
}
