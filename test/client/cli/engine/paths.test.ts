import { describe, expect, it } from '@jest/globals';
import { paths } from '../../../../client/cli/engine/paths.js';
import { pathsFix } from '../../../../client/cli/engine/paths-fix.js';
import { techniqueById } from '../../../../domain/graph/techniques.js';
import { ATTACKER_ROLE, minimalAccount, TARGET_ROLE } from '../../../domain/graph/minimal-account.js';

const technique = techniqueById('lambda-001');
if (technique === undefined) throw new Error('the catalogue lacks lambda-001');
const account = minimalAccount(technique);

describe('curtail paths', () => {
  it('answers escalations, administrators and reach', () => {
    expect(paths({ account, from: ATTACKER_ROLE })).toMatchObject({
      escalations: [{ from: ATTACKER_ROLE, to: TARGET_ROLE, technique: 'lambda-001', status: 'open' }],
      admins: [TARGET_ROLE],
      reach: [],
    });
  });
  it('says what a change closes', () => {
    const { change } = pathsFix({ account, from: ATTACKER_ROLE, technique: 'lambda-001' });
    const [only] = change;
    for (const given of [only, change]) {
      expect(paths({ account, from: [ATTACKER_ROLE], change: given })).toMatchObject({
        closed: [{ technique: 'lambda-001' }],
        opened: [],
      });
    }
  });
  it.each([
    [{}, '/account'],
    [{ account, from: 5 }, '/from'],
    [{ account, from: ['nobody'] }, '/from/0'],
    [{ account: { RoleDetailList: 5 } }, '/account/RoleDetailList'],
    [{ account, change: { kind: 'nonsense' } }, '/change'],
  ])('points at the fault of %#', (line, pointer) => {
    expect(() => paths(line)).toThrow(expect.objectContaining({ pointer: expect.stringContaining(pointer) }));
  });
});

describe('curtail paths fix', () => {
  it('answers a proved change', () => {
    const answer = pathsFix({ account, from: ATTACKER_ROLE, to: TARGET_ROLE, usage: [] });
    expect(answer).toMatchObject({ closed: [{ technique: 'lambda-001' }], opened: [] });
    expect(answer.proof?.noNewAccess).toMatchObject([{ of: ATTACKER_ROLE, verdict: 'PASS' }]);
    expect(answer.proof?.paths?.closed).toHaveLength(1);
  });
  it('says why there is none', () => {
    expect(pathsFix({ account, from: TARGET_ROLE })).toMatchObject({
      change: [],
      proof: null,
      reasonCode: 'no-open-path',
    });
  });
});
