/** Metering: what calls use and cost. Credit that is lent to isolates, usage events, and their way into the database. */

export type { CreditHold } from './credit-leases.ts';
export { CreditLeases } from './credit-leases.ts';
export {
  type CreditAnswer,
  type CreditQuestion,
  type CreditStanding,
  callLedger,
  type Settlement,
  type TenantLedgerRpc,
} from './tenant-ledger.ts';
export * from './usage-event.ts';
