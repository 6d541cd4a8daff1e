import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { passesLuhn } from '../../../domain/redaction/checksums.js';
import { createRedactor, redact, scrub } from '../../../domain/redaction/redact.js';

/** Test secrets are put together here, so that no scanner takes them for real ones. */
const J = (...parts: string[]): string => parts.join('');
const JWT = J(
  'eyJhbGciOiJIUzI1NiJ9',
  '.',
  'eyJzdWIiOiIxMjM0In0',
  '.',
  'dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
);
const RANDOM36 = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8';

describe('what is replaced', () => {
  it.each<[name: string, text: string, type: string, value: string]>([
    ['an AWS key id', J('key AKIA', 'IOSFODNN7EXAMPLE,'), 'AWS_KEY', J('AKIA', 'IOSFODNN7EXAMPLE')],
    [
      'an AWS secret by its label',
      J('aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/', 'bPxRfiCYEXAMPLEKEY'),
      'AWS_SECRET',
      J('wJalrXUtnFEMI/K7MDENG/', 'bPxRfiCYEXAMPLEKEY'),
    ],
    [
      'an AWS secret by its looks',
      J('wJalrXUtnFEMI/K7MDENG/', 'bPxRfiCYEXAMPLEKEY'),
      'AWS_SECRET',
      J('wJalrXUtnFEMI/K7MDENG/', 'bPxRfiCYEXAMPLEKEY'),
    ],
    ['a JWT', `see ${JWT}.`, 'JWT', `${JWT}.`],
    ['basic credentials', 'Authorization: Basic dXNlcjpwYXNzd29yZA==', 'CREDENTIAL', 'dXNlcjpwYXNzd29yZA=='],
    ['bearer credentials in JSON', '{"authorization":"Bearer abc.def-1"}', 'CREDENTIAL', 'abc.def-1'],
    [
      'a signature of AWS',
      J(
        'Authorization: AWS4-HMAC-SHA256 Credential=AKIA',
        'X/20261125/eu-west-1/s3/aws4_request, Signature=ab12',
      ),
      'CREDENTIAL',
      J('Credential=AKIA', 'X/20261125/eu-west-1/s3/aws4_request, Signature=ab12'),
    ],
    ['an API key header', 'X-Api-Key: 7f3a', 'CREDENTIAL', '7f3a'],
    ['a token of GitHub', J('ghp', '_', RANDOM36), 'TOKEN', J('ghp', '_', RANDOM36)],
    ['a token of Slack', J('xox', 'b-123456789012-abcdef'), 'TOKEN', J('xox', 'b-123456789012-abcdef')],
    [
      'a webhook of Slack',
      J('https://hooks.slack', '.com/services/T000/B000/XXXX'),
      'TOKEN',
      J('https://hooks.slack', '.com/services/T000/B000/XXXX'),
    ],
    ['a key of OpenAI', J('sk', '-proj-', RANDOM36), 'TOKEN', J('sk', '-proj-', RANDOM36)],
    [
      'a key of Google',
      J('AIza', 'SyA-1234567890abcdefghijklmnopqrstu'),
      'TOKEN',
      J('AIza', 'SyA-1234567890abcdefghijklmnopqrstu'),
    ],
    [
      'a database address',
      'use postgres://svc:p@ss@db.acme.test:5432/app now',
      'CONNECTION',
      'postgres://svc:p@ss@db.acme.test:5432/app',
    ],
    ['credentials in an address', 'https://bob:hunter2@acme.test/x', 'CONNECTION', 'bob:hunter2'],
    ['a password that is assigned', 'DB_PASSWORD=hunter22', 'SECRET', 'hunter22'],
    ['a password in JSON', '{"clientSecret": "s3cr3t-x"}', 'SECRET', 's3cr3t-x'],
    ['an e-mail address', 'ask José.Núñez+x@mail.acme.co.uk.', 'EMAIL', 'José.Núñez+x@mail.acme.co.uk'],
    ['an account id', 'in 123456789012.', 'ACCOUNT', '123456789012'],
    ['an account id with hyphens', 'in 1234-5678-9012', 'ACCOUNT', '1234-5678-9012'],
    ['an IPv4 address', 'from 10.20.30.40.', 'IP', '10.20.30.40'],
    ['an IPv6 address', 'from 2001:db8::8a2e:370:7334', 'IP', '2001:db8::8a2e:370:7334'],
    ['an IBAN', 'to DE89 3704 0044 0532 0130 00 AND more', 'IBAN', 'DE89 3704 0044 0532 0130 00'],
    ['a card', 'card 4111-1111-1111-1111', 'CARD', '4111-1111-1111-1111'],
    ['a phone number', 'call +49 (30) 123 4567', 'PHONE', '+49 (30) 123 4567'],
    ['a phone number of the US', '(212) 555-0100', 'PHONE', '(212) 555-0100'],
    ['a social security number', 'SSN 536-22-1234', 'SSN', '536-22-1234'],
    [
      'a subscription of Azure',
      '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/x',
      'UUID',
      '0b1f6471-1bf0-4dda-aec3-cb9272f09590',
    ],
    ['an instance', 'on i-0123456789abcdef0', 'RESOURCE', 'i-0123456789abcdef0'],
    [
      'a host',
      'db-1.c9akciq32.eu-west-1.rds.amazonaws.com',
      'HOST',
      'db-1.c9akciq32.eu-west-1.rds.amazonaws.com',
    ],
    ['a bucket in an address', 's3://acme-payroll/2026', 'NAME', 'acme-payroll'],
    ['a person with a title', 'Dr. Ada Lovelace', 'PERSON', 'Ada Lovelace'],
    ['a person with a label', 'Owner: Jane Doe', 'PERSON', 'Jane Doe'],
    ['a person by a common name', 'ask John Smith-Jones about it', 'PERSON', 'John Smith-Jones'],
    ['a person with an initial', 'José A. García left', 'PERSON', 'José A. García'],
    ['a person who signs', 'Requested by Zbigniew Kowalczyk', 'PERSON', 'Zbigniew Kowalczyk'],
    ['a day of birth', 'DOB: 1985-04-12', 'BIRTHDATE', '1985-04-12'],
    ['a passport', 'Passport no. X1234567', 'IDENTITY_NUMBER', 'X1234567'],
    ['a medical record', 'MRN 00123456', 'IDENTITY_NUMBER', '00123456'],
    ['a street', 'at 12 Main Street, Springfield', 'ADDRESS', '12 Main Street'],
    ['a number of the United Kingdom', 'on 020 7946 0958.', 'PHONE', '020 7946 0958'],
    ['a number with a label', 'Tel.: 55 501 476', 'PHONE', '55 501 476'],
    ['a card of American Express', '378282246310005', 'CARD', '378282246310005'],
    ['the second of two cards', '378282246310005 5555 5555 5555 4444', 'CARD', '5555 5555 5555 4444'],
    ['credentials of a command', 'curl -u admin:s3cretpw https://acme.test', 'CREDENTIAL', 'admin:s3cretpw'],
    ['a hardware address', '00:1B:44:11:3A:B7', 'MAC', '00:1B:44:11:3A:B7'],
    [
      'a private key that was cut off',
      '-----BEGIN RSA PRIVATE KEY-----\nMIIE',
      'PEM',
      '-----BEGIN RSA PRIVATE KEY-----\nMIIE',
    ],
    ['what looks like a pseudonym', 'see [EMAIL_1]', 'TEXT', '[EMAIL_1]'],
  ])('%s', (_name, text, type, value) => {
    const { entities, text: out } = redact(text);
    const found = entities.map((entity) => `${entity.type} ${text.slice(entity.start, entity.end)}`);
    expect(found).toContain(`${type} ${value}`);
    if (type !== 'TEXT') expect(out).not.toContain(value);
  });

  it('keeps the shape of an ARN, and knows its names again elsewhere', () => {
    const text =
      'arn:aws:iam::123456789012:role/team/ProdRole reads arn:aws:s3:::acme-data/logs/*; ProdRole, acme-data.';
    expect(redact(text).text).toBe(
      'arn:aws:iam::[ACCOUNT_1]:role/[NAME_1]/[NAME_2] reads arn:aws:s3:::[NAME_3]/[NAME_4]/*; [NAME_2], [NAME_3].',
    );
  });

  it('replaces known names, in any case, and keeps what it is told to keep', () => {
    const known = [
      { value: 'Ada Lovelace', type: 'PERSON' as const },
      { value: 'Ada', type: 'PERSON' as const },
    ];
    expect(redact('ADA LOVELACE asked Ada, not Adam', { known }).text).toBe(
      '[PERSON_1] asked [PERSON_2], not Adam',
    );
    expect(redact('a@x.test b@x.test', { keep: ['a@x.test'] }).text).toBe('a@x.test [EMAIL_1]');
  });
});

describe('what stays', () => {
  it.each([
    'Allow s3:GetObject and iam:CreateAccessKey; deny secretsmanager:GetSecretValue',
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}',
    'arn:aws:iam::aws:policy/AdministratorAccess on lambda.amazonaws.com',
    'between 2024-10-15T10:00:00Z and 2024-11-15, at 1732528800000, version 1.2.3',
    'commit da39a3ee5e6b4b0d3255bfef95601890afd80709 and std::vector<int>, 12:30:45',
    'password: please reset it; token: none; password=********',
    'any address 0.0.0.0/0, here 127.0.0.1 and ::1',
    'order 4111-1111-1111-1112 has no check digit; 12345678901 has eleven digits',
    'arn:aws:s3:::* and arn:aws:iam::*:role/*',
    'Secrets Manager and Systems Manager; Identity Center; Amazon Simple Storage Service; Dear Team',
    'Mark Policy and Grant Access to the Lambda Function, Role Chaining, release 1.2.3.4-beta',
    '',
  ])('%j', (text) => {
    expect(redact(text).text).toBe(text);
  });
});

describe('pseudonyms', () => {
  const piece = fc.constantFrom(
    'a@x.test',
    'b@x.test',
    '123456789012',
    '210987654321',
    'arn:aws:iam::123456789012:role/R-one',
    '10.0.0.1',
    '[EMAIL_1]',
    'ACCOUNT_2',
    J('AKIA', 'IOSFODNN7EXAMPLE'),
    ' ',
    '\n',
    'word',
    '😀',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'grapheme', maxLength: 200 }),
  );

  it('lead back to the very text, and offsets cut out what they stand for', () => {
    fc.assert(
      fc.property(text, (input) => {
        const { text: out, entities, restore } = redact(input);
        expect(restore(out)).toBe(input);
        let rebuilt = '';
        let at = 0;
        for (const { start, end, pseudonym } of entities) {
          expect(start).toBeGreaterThanOrEqual(at);
          rebuilt += input.slice(at, start) + pseudonym;
          at = end;
        }
        expect(rebuilt + input.slice(at)).toBe(out);
      }),
    );
  });

  it('are one for a value, and two for two values', () => {
    fc.assert(
      fc.property(text, (input) => {
        const forward = new Map<string, string>();
        const backward = new Map<string, string>();
        for (const { start, end, pseudonym } of redact(input).entities) {
          const value = input.slice(start, end);
          expect(forward.get(value) ?? pseudonym).toBe(pseudonym);
          expect(backward.get(pseudonym) ?? value).toBe(value);
          forward.set(value, pseudonym);
          backward.set(pseudonym, value);
        }
      }),
    );
  });

  it('last over several texts, and come back with or without brackets', () => {
    const redactor = createRedactor();
    expect(redactor.redact('a@x.test').text).toBe('[EMAIL_1]');
    expect(redactor.redact('b@x.test a@x.test').text).toBe('[EMAIL_2] [EMAIL_1]');
    expect(redactor.restore('EMAIL_1 wrote [EMAIL_2], not EMAIL_12 or XEMAIL_1')).toBe(
      'a@x.test wrote b@x.test, not EMAIL_12 or XEMAIL_1',
    );
  });

  it('never bring a value into a text that only named a pseudonym', () => {
    const redactor = createRedactor();
    redactor.redact('a@x.test');
    const { text: out } = redactor.redact('tag says [EMAIL_1]');
    expect(redactor.restore(out)).toBe('tag says [EMAIL_1]');
  });
});

describe('hostile texts', () => {
  it.each([
    'a@',
    '-----BEGIN A-----',
    'password',
    'eyJaaaaaaaaaa.',
    ':',
    'DE12 ',
    'http://',
    'Name: A ',
    '[EMAIL_',
    'arn:aws:s3:::',
    '+1 (1)',
    "a'",
  ])('%j, many times over, comes back', (unit) => {
    const text = unit.repeat(20_000);
    const { text: out, restore } = redact(text);
    expect(restore(out) === text).toBe(true);
  });
});

describe('scrubbing a log', () => {
  it('removes secrets and addresses of people, and leaves the rest readable', () => {
    expect(scrub(J('key AKIA', 'IOSFODNN7EXAMPLE of a@x.test in 123456789012'))).toBe(
      'key [AWS_KEY] of [EMAIL] in 123456789012',
    );
  });
});

describe("Luhn's check digit", () => {
  it('tells a slip of one digit', () => {
    fc.assert(
      fc.property(fc.nat(15), fc.integer({ min: 1, max: 9 }), (place, shift) => {
        const digits = [...'4111111111111111'];
        digits[place] = String((Number(digits[place]) + shift) % 10);
        expect(passesLuhn(digits.join(''))).toBe(false);
      }),
    );
    expect(passesLuhn('4111111111111111')).toBe(true);
  });
});
