import { z } from 'zod';
import {
  budgetListSchema,
  budgetSchema,
  createBudgetRequestSchema,
  deletedBudgetSchema,
  updateBudgetRequestSchema,
} from '../../../contracts/budgets.ts';
import type { Principal } from '../../../contracts/principal.ts';
import { ParallaxError, unwrap } from '../../../platform/errors.ts';
import type { AppContext } from '../../../platform/http/context.ts';
import { operation } from '../../../platform/http/operation.ts';
import { claimIdempotencyKey } from '../../../platform/idempotency/claim.ts';
import { newId } from '../../../platform/ids.ts';
import { fromUsd } from '../../../platform/money.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { forgetBudget, readBudgets } from '../budgets/bounding.ts';
import type { BudgetStanding } from '../budgets/budget-rpc.ts';
import { budgetView } from '../budgets/budget-view.ts';
import { requireSubject } from '../budgets/require-subject.ts';
import { budgetsSeenBy } from '../budgets/sees-budget.ts';
import { callLedger } from '../tenant-ledger.ts';

const params = z.object({ id: z.string().max(100) });
const one = { description: 'The budget.', schema: budgetSchema };

export const listBudgets = operation({
  operationId: 'listBudgets',
  method: 'get',
  path: '/v1/budgets',
  tag: 'Money',
  summary: 'Budgets, and how they stand',
  description:
    'What may be spent in a day, week or month (UTC) by the tenant, a member, an API key or a provider key, and what was spent of it. Owners and admins see all, others those that bound them.',
  access: { kind: 'principal', permission: 'budgets:read' },
  responses: { 200: { description: 'All budgets, oldest first.', schema: budgetListSchema } },
  errors: [503],
  async handler({ c, principal }) {
    const all = await readBudgets(c.env, principal.tenantId);
    return c.json({ object: 'list', data: budgetsSeenBy(principal, all).map(budgetView) });
  },
});

export const createBudget = operation({
  operationId: 'createBudget',
  method: 'post',
  path: '/v1/budgets',
  tag: 'Money',
  summary: 'Make a budget',
  description:
    'Holds within ten seconds everywhere, the first one of a tenant within a minute. It counts from now on: what was spent before is not in it. Owners and admins are told at 50, 80, 90 and 100 %, in the web app, by mail and at webhook endpoints. A retry with the same `Idempotency-Key` and body within 24 hours gets the same budget.',
  access: { kind: 'principal', permission: 'budgets:write' },
  body: createBudgetRequestSchema,
  responses: { 201: one },
  errors: [404, 503],
  async handler({ c, principal, body }) {
    const { tenantId } = principal;
    const { name, scope, period, limit_usd, hard } = body;
    const subject = await requireSubject(c.env, principal, scope, body.subject ?? null);
    const now = c.var.clock.now();
    const { id, replayed } = await idOf(c, principal, body, now);
    const budget = {
      id,
      name,
      scope,
      subject,
      period,
      limit: fromUsd(limit_usd),
      hard,
      createdAt: now,
    };
    const made = unwrap(await callLedger(c.env, tenantId, (ledger) => ledger.createBudget(tenantId, budget)));
    if (!replayed) await changed(c, principal, 'budget.created', null, made);
    return c.json(budgetView(made), 201);
  },
});

export const getBudget = operation({
  operationId: 'getBudget',
  method: 'get',
  path: '/v1/budgets/{id}',
  tag: 'Money',
  summary: 'A budget, and how it stands',
  access: { kind: 'principal', permission: 'budgets:read' },
  params,
  responses: { 200: one },
  errors: [404, 503],
  async handler({ c, principal, params: { id } }) {
    return c.json(budgetView(await budgetOf(c, principal, id)));
  },
});

export const updateBudget = operation({
  operationId: 'updateBudget',
  method: 'patch',
  path: '/v1/budgets/{id}',
  tag: 'Money',
  summary: 'Change a budget',
  description: 'Its name, its limit, and whether it refuses. What was spent stays counted.',
  access: { kind: 'principal', permission: 'budgets:write' },
  params,
  body: updateBudgetRequestSchema,
  responses: { 200: one },
  errors: [404, 503],
  async handler({ c, principal, params: { id }, body }) {
    const { tenantId } = principal;
    const before = await budgetOf(c, principal, id);
    const changes = {
      ...(body.name === undefined ? {} : { name: body.name }),
      ...(body.limit_usd === undefined ? {} : { limit: fromUsd(body.limit_usd) }),
      ...(body.hard === undefined ? {} : { hard: body.hard }),
    };
    const after = unwrap(
      await callLedger(c.env, tenantId, (ledger) => ledger.changeBudget(tenantId, id, changes)),
    );
    await changed(c, principal, 'budget.changed', before, after);
    return c.json(budgetView(after));
  },
});

export const deleteBudget = operation({
  operationId: 'deleteBudget',
  method: 'delete',
  path: '/v1/budgets/{id}',
  tag: 'Money',
  summary: 'Delete a budget',
  access: { kind: 'principal', permission: 'budgets:write' },
  params,
  responses: { 200: { description: 'It is gone.', schema: deletedBudgetSchema } },
  errors: [404, 503],
  async handler({ c, principal, params: { id } }) {
    const { tenantId } = principal;
    const before = unwrap(await callLedger(c.env, tenantId, (ledger) => ledger.deleteBudget(tenantId, id)));
    await changed(c, principal, 'budget.deleted', before, null);
    return c.json({ id, object: 'budget', deleted: true });
  },
});

/** The id of a budget to make: a new one, or that of the request that this repeats. Throws `malformed_request`, `idempotency_mismatch`. */
async function idOf(
  c: AppContext,
  principal: Principal,
  request: unknown,
  now: number,
): Promise<{ readonly id: string; readonly replayed: boolean }> {
  const id = newId('budget', now);
  const key = c.req.header('idempotency-key');
  if (key === undefined) return { id, replayed: false };
  const claim = { route: 'POST /v1/budgets', key, request, resourceId: id, now };
  const { resourceId, replayed } = await claimIdempotencyKey(c.env.DB, principal, claim);
  return { id: resourceId, replayed };
}

/** A budget that the principal may see. Throws `not_found`. */
async function budgetOf(c: AppContext, principal: Principal, id: string): Promise<BudgetStanding> {
  const all = await readBudgets(c.env, principal.tenantId);
  const budget = budgetsSeenBy(principal, all).find((each) => each.id === id);
  if (budget === undefined) throw new ParallaxError('not_found', 'There is no such budget.');
  return budget;
}

/** Writes down who changed what, and lets it hold here at once. */
async function changed(
  c: AppContext,
  principal: Principal,
  action: string,
  before: BudgetStanding | null,
  after: BudgetStanding | null,
): Promise<void> {
  const id = (after ?? before)?.id ?? '';
  forgetBudget(principal.tenantId, id);
  await recordAudit(auditOf(c, principal), {
    action,
    object: { type: 'budget', id },
    ...(before === null ? {} : { before: ruleOf(before) }),
    ...(after === null ? {} : { after: ruleOf(after) }),
  });
}

const ruleOf = ({ spent: _, start: __, end: ___, ...rule }: BudgetStanding) => rule;
