import { z } from 'zod';
import { ROLES, scopeSchema } from './principal.ts';

/** A name that people give and read in lists: no control characters, and none that turn the direction of text. */
const displayName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, { error: 'must not have control characters' });

/** Body of `POST /v1/operator/tenants`: a tenant, its first member and their first key. */
export const createTenantRequestSchema = z
  .strictObject({
    name: displayName,
    email: z.email().max(254),
    key_name: displayName.default('First key'),
  })
  .meta({ id: 'CreateTenantRequest' });

/** An origin as browsers send it, `https://example.com`: no path, no wildcard. `http` for a machine of one's own alone. */
const pageOrigin = z
  .string()
  .max(300)
  .refine(isPageOrigin, { error: 'must be an origin, e.g. "https://example.com", without a path' });

function isPageOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.origin !== text || url.hostname.includes('*')) return false;
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && /^(localhost|127\.0\.0\.1)$/.test(url.hostname))
  );
}

/** Body of `POST /v1/api-keys`. */
export const createApiKeyRequestSchema = z
  .strictObject({
    name: displayName,
    kind: z.enum(['secret', 'publishable']).default('secret'),
    scopes: z.array(scopeSchema).min(1).max(20).optional(),
    expires_at: z.iso.datetime().optional(),
    cache_max_age_seconds: z
      .int()
      .min(1)
      .max(7 * 24 * 60 * 60)
      .optional()
      .meta({
        description:
          'Requests with this key are given an answer that is kept for the same request, when it is not older. A request says otherwise with `x-parallax-cache`.',
      }),
    rate_limit: z.int().min(1).max(100_000).optional().meta({
      description:
        'Requests a minute with this key, a fifth of them at once. The limits of its user hold besides.',
    }),
    monthly_limit_usd: z.number().min(0.01).max(1_000_000).multipleOf(0.01).optional().meta({
      description: 'What this key may spend of the tenant’s credit in a calendar month, UTC.',
    }),
    allowed_origins: z.array(pageOrigin).min(1).max(20).optional().meta({
      description: 'Pages that a publishable key works on. It must name some; a secret key has none.',
    }),
  })
  .meta({ id: 'CreateApiKeyRequest' });

export const apiKeySchema = z
  .object({
    id: z.string(),
    object: z.literal('api_key'),
    name: z.string(),
    kind: z.enum(['secret', 'publishable']),
    prefix: z.string(),
    last4: z.string(),
    scopes: z.array(scopeSchema),
    cache_max_age_seconds: z.int().nullable(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
    revoked_at: z.iso.datetime().nullable(),
    rate_limit: z.int().nullable().meta({ description: 'Requests a minute; null: its user’s limit alone.' }),
    monthly_limit_usd: z.number().nullable(),
    allowed_origins: z.array(z.string()),
    last_used_at: z.iso.datetime().nullable().meta({ description: 'To the minute.' }),
    last_used_country: z.string().nullable().meta({ description: 'ISO 3166-1 alpha-2, where it is known.' }),
    replaced_by: z.string().nullable().meta({ description: 'The key that it was rotated into.' }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.infer<typeof apiKeySchema>;

export const createdApiKeySchema = apiKeySchema
  .extend({
    key: z.string().meta({ description: 'The key itself. It is shown this once and cannot be had again.' }),
  })
  .meta({ id: 'CreatedApiKey' });

export const updateApiKeyRequestSchema = z
  .strictObject({ name: displayName })
  .meta({ id: 'UpdateApiKeyRequest' });

/** How long both keys of a rotation work, in seconds: a day, a week at most. */
const DAY_S = 24 * 60 * 60;
export const rotateApiKeyRequestSchema = z
  .strictObject({
    overlap_seconds: z
      .int()
      .min(0)
      .max(7 * DAY_S)
      .default(DAY_S)
      .meta({
        description: 'For how long the old key goes on working beside the new one.',
      }),
  })
  .meta({ id: 'RotateApiKeyRequest' });

export const revokeApiKeyQuerySchema = z.object({
  now: z.enum(['true', 'false']).default('false').meta({
    description:
      '`true`: the answer comes when the key works nowhere any more, five seconds later at most. Otherwise it comes at once, and the key stops within five seconds.',
  }),
});

export const createdTenantSchema = z
  .object({
    id: z.string(),
    object: z.literal('tenant'),
    name: z.string(),
    owner: z.object({ id: z.string(), email: z.string() }),
    key: createdApiKeySchema,
  })
  .meta({ id: 'CreatedTenant' });

export const meSchema = z
  .object({
    object: z.literal('principal'),
    tenant: z.object({ id: z.string(), name: z.string() }),
    user: z.object({ id: z.string(), email: z.string() }),
    role: z.enum(ROLES),
    via: z.enum(['key', 'session', 'oauth']),
    key_id: z.string().nullable(),
    client_id: z.string().nullable().meta({ description: 'The connected app, where one acts.' }),
    scopes: z.array(scopeSchema),
    tenants: z.array(z.object({ id: z.string(), name: z.string(), role: z.enum(ROLES) })).meta({
      description:
        'All that the person belongs to; for a browser’s session alone, else the credential’s own.',
    }),
    limits: z.object({
      requests_per_minute: z.int().meta({ description: 'Of the user, with all keys and apps together.' }),
      tokens_per_minute: z.int().meta({ description: 'In and out, of requests of models.' }),
      perspectives_per_hour: z.int(),
      concurrent_requests: z.int(),
      key: z
        .object({
          requests_per_minute: z.int().nullable(),
          monthly_limit_usd: z.number().nullable(),
          spent_usd: z.number(),
        })
        .nullable()
        .meta({ description: 'Limits of the key that was shown; null without one.' }),
    }),
  })
  .meta({ id: 'Me' });
