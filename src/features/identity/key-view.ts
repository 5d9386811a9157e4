import { z } from 'zod';
import { type ApiKeyView, apiKeySchema, type createdApiKeySchema } from '../../contracts/identity.ts';
import { iso } from '../../platform/clock.ts';
import { nano, toUsd } from '../../platform/money.ts';
import type { IssuedKey } from './issue-key.ts';
import type { KeyPage, ListedKey } from './key-service.ts';

/** Which page of a list of keys. */
export const keyListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(100).optional().meta({ description: '`next_cursor` of the page before.' }),
});

export const keyListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(apiKeySchema),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'ApiKeyList' });

/** A key as it leaves the edge: without its hash, its owner's tenant, or its text. */
export function keyView(key: ListedKey): ApiKeyView {
  return {
    id: key.id,
    object: 'api_key',
    name: key.name,
    kind: key.kind,
    prefix: key.prefix,
    last4: key.last4,
    scopes: [...key.scopes],
    cache_max_age_seconds: key.cacheMaxAgeS,
    created_at: iso(key.createdAt),
    expires_at: key.expiresAt === null ? null : iso(key.expiresAt),
    revoked_at: key.revokedAt === null ? null : iso(key.revokedAt),
    rate_limit: key.rateLimit,
    monthly_limit_usd: key.monthlyLimitNano === null ? null : toUsd(nano(key.monthlyLimitNano)),
    allowed_origins: [...key.allowedOrigins],
    last_used_at: key.lastUsedAt === null ? null : iso(key.lastUsedAt),
    last_used_country: key.lastUsedCountry,
    replaced_by: key.replacedBy,
  };
}

/** A key with its text, this once. */
export function issuedKeyView({ record, text }: IssuedKey): z.infer<typeof createdApiKeySchema> {
  return { ...keyView(record), key: text };
}

export function keyPageView({ keys, nextCursor }: KeyPage): z.infer<typeof keyListSchema> {
  return {
    object: 'list',
    data: keys.map(keyView),
    has_more: nextCursor !== null,
    next_cursor: nextCursor,
  };
}
