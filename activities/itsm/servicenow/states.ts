import type { TicketState } from '../port.js';
import type { Row } from './client.js';
import type { ServiceNowConfig } from './config.js';

type Written = 'in-progress' | 'done' | 'closed' | 'rejected';
interface StateModel {
  read: Readonly<Record<string, TicketState>>;
  write: Readonly<Record<Written, Row>>;
}

/** Stock states of `change_request`, normal and emergency: New -5, Assess, Authorize, Scheduled, Implement -1, Review 0. */
const CHANGE: StateModel = {
  read: {
    '-5': 'open',
    '-4': 'open',
    '-3': 'open',
    '-2': 'open',
    '-1': 'in-progress',
    '0': 'in-progress',
    '3': 'closed',
    '4': 'rejected',
  },
  write: {
    'in-progress': { state: '-1' },
    done: { state: '3', close_code: 'successful' },
    closed: { state: '4' },
    rejected: { state: '4' },
  },
};
/** Stock states of `incident`. */
const INCIDENT: StateModel = {
  read: {
    '1': 'open',
    '2': 'in-progress',
    '3': 'in-progress',
    '6': 'done',
    '7': 'closed',
    '8': 'rejected',
  },
  write: {
    'in-progress': { state: '2' },
    done: { state: '6', close_code: 'Solution provided' },
    closed: { state: '7', close_code: 'Solution provided' },
    rejected: { state: '8' },
  },
};
/** Stock states of `task`, which most other tables inherit. */
const TASK: StateModel = {
  read: { '-5': 'open', '1': 'open', '2': 'in-progress', '3': 'done', '4': 'closed', '7': 'closed' },
  write: {
    'in-progress': { state: '2' },
    done: { state: '3' },
    closed: { state: '4' },
    rejected: { state: '4' },
  },
};

function modelOf(table: string): StateModel {
  if (table === 'change_request') return CHANGE;
  return table === 'incident' ? INCIDENT : TASK;
}

/** A record's state in our words. An approval of the whole record counts while nobody works on it yet. */
export function stateOf(row: Row, config: Pick<ServiceNowConfig, 'table' | 'readStates'>): TicketState {
  const known = config.readStates ?? modelOf(config.table).read;
  const value = row['state'] ?? '';
  const state = Object.hasOwn(known, value) ? (known[value] ?? 'open') : 'open';
  if (state !== 'open') return state;
  if (row['approval'] === 'approved') return 'approved';
  return row['approval'] === 'rejected' ? 'rejected' : 'open';
}

/** The columns that bring a record into one of our states; closing notes go along where the record is closed by it. */
export function columnsFor(
  state: Written,
  note: string | undefined,
  config: Pick<ServiceNowConfig, 'table' | 'states'>,
): Row {
  const columns = config.states?.[state] ?? modelOf(config.table).write[state];
  const closes = state !== 'in-progress' && note !== undefined;
  return closes && columns['close_notes'] === undefined ? { ...columns, close_notes: note } : columns;
}
