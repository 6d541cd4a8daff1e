/** Account ids of the made-up company Larkfield, an online pharmacy. */
export const PRODUCTION = '123456789012';
export const DEVELOPMENT = '210987654321';
export const PAYMENTS = '345678901234';
export const REGION = 'us-east-1';

/** ARNs by account and name. */
export const arn = {
  role: (account: string, name: string): string => `arn:aws:iam::${account}:role/${name}`,
  user: (account: string, name: string): string => `arn:aws:iam::${account}:user/${name}`,
  group: (account: string, name: string): string => `arn:aws:iam::${account}:group/${name}`,
  policy: (account: string, name: string): string => `arn:aws:iam::${account}:policy/${name}`,
  profile: (account: string, name: string): string => `arn:aws:iam::${account}:instance-profile/${name}`,
  bucket: (name: string): string => `arn:aws:s3:::${name}`,
  regional: (service: string, account: string, rest: string): string =>
    `arn:aws:${service}:${REGION}:${account}:${rest}`,
};

/** The eight web roles that share one policy. */
export const WEB_ROLES = [
  'web-storefront',
  'web-checkout',
  'web-search',
  'web-account',
  'web-catalogue',
  'web-prescriptions',
  'web-support',
  'web-returns',
] as const;
