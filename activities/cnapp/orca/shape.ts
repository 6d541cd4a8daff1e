import { isRecord } from '../../../domain/json.js';

type Fields = Record<string, unknown>;

/** The fields of an alert by the serving layer's names, whichever of Orca's two shapes the record has. */
export function alertFields(record: Fields): Fields {
  const { data } = record;
  if (isRecord(data) && ('AlertId' in data || 'RuleType' in data || 'AlertType' in data)) {
    return servingFields(record, data);
  }
  return 'state' in record || 'type_string' in record
    ? legacyFields(record)
    : { ...record, sourceId: record['id'] };
}

function servingFields(record: Fields, data: Fields): Fields {
  const fields: Fields = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, unwrapped(value)]),
  );
  const asset = isRecord(fields['AssetData']) ? fields['AssetData'] : {};
  return {
    ...fields,
    sourceId: record['name'] ?? fields['Name'] ?? prefixed(fields['AlertId']),
    Status: fields['Status'] ?? fields['UserDefinedStatus'],
    LastSeen: fields['LastSeen'] ?? record['last_seen'],
    asset: { asset_unique_id: record['asset_unique_id'] ?? record['group_unique_id'], ...asset },
  };
}

/** Most fields are `{value}`, some are bare. */
function unwrapped(value: unknown): unknown {
  return isRecord(value) && Object.hasOwn(value, 'value') ? value['value'] : value;
}

function legacyFields(record: Fields): Fields {
  const state = isRecord(record['state']) ? record['state'] : {};
  const data = isRecord(record['data']) ? record['data'] : {};
  const configuration = isRecord(record['configuration']) ? record['configuration'] : {};
  return {
    sourceId: prefixed(state['alert_id'] ?? record['alert_id']),
    RuleType: record['type'],
    RuleId: record['rule_id'],
    AlertType: record['type_string'],
    Title: data['title'] ?? record['type_string'],
    Details: data['details'] ?? record['details'],
    Description: record['description'],
    Recommendation: data['recommendation'] ?? record['recommendation'],
    Category: record['category'],
    RiskLevel: state['risk_level'],
    Severity: state['severity'],
    Status: configuration['user_status'] ?? state['status'],
    CreatedAt: state['created_at'],
    LastSeen: state['last_seen'],
    Labels: record['alert_labels'],
    RelatedCompliances: record['related_compliances'],
    RiskFindings: record['findings'],
    asset: record,
  };
}

/** The alert API takes `orca-123`; some answers carry the number alone. */
function prefixed(id: unknown): unknown {
  const text = typeof id === 'number' ? String(id) : id;
  return typeof text === 'string' && /^\d+$/.test(text) ? `orca-${text}` : text;
}
