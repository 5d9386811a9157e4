import { z } from 'zod';
import { scopeSchema } from './principal.ts';

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
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.infer<typeof apiKeySchema>;

export const createdApiKeySchema = apiKeySchema
  .extend({
    key: z.string().meta({ description: 'The key itself. It is shown this once and cannot be had again.' }),
  })
  .meta({ id: 'CreatedApiKey' });

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
    key_id: z.string().nullable(),
    scopes: z.array(scopeSchema),
  })
  .meta({ id: 'Me' });
