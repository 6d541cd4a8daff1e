/** Whether a registry knows this vendor. Own members only: `constructor` is no vendor. */
export function isVendor<Vendor extends string>(
  registry: Readonly<Record<Vendor, unknown>>,
  name: string,
): name is Vendor {
  return Object.hasOwn(registry, name);
}
