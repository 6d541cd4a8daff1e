import { FINDING_SOURCES } from '../../domain/finding/finding.js';
import { type Forecast, type ForecastLine, forecastOf } from '../../domain/finding/forecast.js';
import { belowFloor, floorOf, triageScore } from '../../domain/finding/triage.js';
import type { Account } from '../../domain/graph/account.js';
import type { FindingRow } from '../ledger/port.js';
import { rootCauses } from './begin.js';
import { type Confirmation, confirmationOf } from './confirmation.js';
import { businessContext, readable } from './enrich.js';
import type { LifecyclePorts } from './ports.js';

/** Rows read together. */
const PAGE = 500;
/** Findings of a platform that are looked at: the riskiest. */
const MAX_LOOKED_AT = 20_000;

/** A source, whether anybody let it begin, and what beginning would send. */
export interface SourceForecast extends Forecast {
  /** Name in the configuration, or the platform's for what is handed in. */
  name: string;
  platform: string;
  confirmed: Confirmation | null;
  /** More findings are open than were looked at. */
  cut: boolean;
}

/** Forecasts of the named source, or of every one that is configured or has reported something. Sends and changes nothing. */
export async function forecastSources(
  ports: LifecyclePorts,
  named?: string,
): Promise<readonly SourceForecast[]> {
  const byPlatform = new Map<string, Promise<Forecast & { cut: boolean }>>();
  const forecasts: SourceForecast[] = [];
  for (const { name, platform } of await knownSources(ports)) {
    if (named !== undefined && named !== name && named !== platform) continue;
    const forecast = byPlatform.get(platform) ?? forecastPlatform(ports, platform);
    byPlatform.set(platform, forecast);
    forecasts.push({
      ...(await forecast),
      name,
      platform,
      confirmed: (await confirmationOf(ports, name)) ?? null,
    });
  }
  return forecasts;
}

/** Sources by name: the configured ones, and platforms whose findings were only handed in. */
async function knownSources(
  ports: Pick<LifecyclePorts, 'sources' | 'ledger'>,
): Promise<readonly { name: string; platform: string }[]> {
  const configured = [...ports.sources].map(([name, { traits }]) => ({ name, platform: traits.vendor }));
  const known = new Set(configured.map(({ platform }) => platform));
  const handedIn = [];
  for (const platform of FINDING_SOURCES) {
    if (known.has(platform)) continue;
    if ((await ports.ledger.findings({ source: platform, limit: 1 })).length > 0)
      handedIn.push({ name: platform, platform });
  }
  return [...configured, ...handedIn];
}

async function forecastPlatform(
  ports: LifecyclePorts,
  platform: string,
): Promise<Forecast & { cut: boolean }> {
  const lines: ForecastLine[] = [];
  const predict = predictor(ports);
  for (let offset = 0; offset < MAX_LOOKED_AT; offset += PAGE) {
    const rows = await ports.ledger.findings({ source: platform, limit: PAGE, offset });
    for (const row of rows) if (row.sourceState === 'open') lines.push(await predict(row));
    if (rows.length < PAGE) return { ...forecastOf(lines), cut: false };
  }
  return { ...forecastOf(lines), cut: true };
}

/** Says what would become of a finding, from what `enrich` would find out and what the flags say now. */
function predictor(ports: LifecyclePorts): (row: FindingRow) => Promise<ForecastLine> {
  const accounts = new Map<string | undefined, Promise<Account | undefined>>();
  const roots = rootCauses(ports);
  const readAccount = (id: string | undefined) => {
    const reading = accounts.get(id) ?? readable(ports, id);
    accounts.set(id, reading);
    return reading;
  };
  return async ({ key, finding, stage, workflowId, outcome }) => {
    if (outcome === 'below-floor' || belowFloor(finding, floorOf(ports.settings, finding)) !== undefined)
      return { fate: 'below-floor' };
    if (stage !== 'new' || workflowId !== undefined) return { fate: 'begun' };
    const context = await businessContext(ports, finding, readAccount);
    if (context.neverTouch !== null) return { fate: 'never-touch' };
    if (finding.account === undefined || (await readAccount(finding.account)) === undefined)
      return { fate: 'not-configured' };
    const { environment, owner } = context;
    const flags = await ports.flags.read({
      findingKey: key,
      kind: finding.kind,
      risk: triageScore(finding),
      account: finding.account,
      environment,
      ...(owner.team !== undefined && { team: owner.team }),
    });
    return {
      fate: 'begins',
      phase: flags.phase,
      account: finding.account,
      personIds: owner.personIds,
      cause: (await roots(finding)) ?? key,
      standing: flags.standingApprovals && !flags.killSwitch,
      ...(owner.team !== undefined && { team: owner.team }),
    };
  };
}
