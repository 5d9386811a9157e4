import { z } from 'zod';

const displayName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, { error: 'must not have control characters' });

const secret = z.string().min(8).max(16_384).meta({
  description:
    'The secret itself: an API key, or the JSON of a service account. It is sealed, and never shown again.',
});

const settings = z.record(z.string().regex(/^[A-Z][A-Z0-9_]{1,60}$/), z.string().min(1).max(500)).meta({
  description: 'What else the provider needs, by its setting’s name: `AWS_REGION`, `AZURE_OPENAI_ENDPOINT`.',
});

const budget = z.number().positive().max(1_000_000).nullable().meta({
  description: 'US dollars a calendar month (UTC) at the provider’s prices. Beyond it the next key is used.',
});

const priority = z.int().min(0).max(1_000).meta({ description: 'Of several keys the lowest is used first.' });

/** Body of `POST /v1/provider-keys`. */
export const createProviderKeyRequestSchema = z
  .strictObject({
    provider: z.string().min(1).max(60),
    key: secret,
    name: displayName.optional(),
    base_url: z.string().max(500).optional().meta({
      description: 'Where a compatible provider is, or a proxy in front of one. Public https addresses only.',
    }),
    settings: settings.optional(),
    monthly_budget_usd: budget.optional(),
    expires_at: z.iso.datetime().nullable().optional(),
    priority: priority.default(100),
    validate: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether the provider is asked at once if it accepts the key.' }),
  })
  .meta({ id: 'CreateProviderKeyRequest' });
export type CreateProviderKeyRequest = z.output<typeof createProviderKeyRequestSchema>;

/** Body of `PATCH /v1/provider-keys/{id}`. */
export const updateProviderKeyRequestSchema = z
  .strictObject({
    name: displayName.optional(),
    monthly_budget_usd: budget.optional(),
    expires_at: z.iso.datetime().nullable().optional(),
    priority: priority.optional(),
  })
  .meta({ id: 'UpdateProviderKeyRequest' });
export type UpdateProviderKeyRequest = z.output<typeof updateProviderKeyRequestSchema>;

/** Body of `POST /v1/provider-keys/{id}/rotate`. */
export const rotateProviderKeyRequestSchema = z
  .strictObject({ key: secret, settings: settings.optional() })
  .meta({ id: 'RotateProviderKeyRequest' });

/** What is known of a key: the provider's last word, or that it has not been asked. */
export const PROVIDER_KEY_STATUSES = ['valid', 'refused', 'unchecked', 'expired', 'over_budget'] as const;

export const providerKeySchema = z
  .object({
    id: z.string(),
    object: z.literal('provider_key'),
    provider: z.string(),
    name: z.string(),
    preview: z.string().meta({ description: 'Always the same length, with the last four characters.' }),
    status: z.enum(PROVIDER_KEY_STATUSES),
    status_message: z.string().nullable(),
    base_url: z.string().nullable(),
    priority: z.int(),
    monthly_budget_usd: z.number().nullable(),
    spent_this_month_usd: z.number(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    checked_at: z.iso.datetime().nullable(),
    expires_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ProviderKey' });
export type ProviderKeyView = z.infer<typeof providerKeySchema>;

export const providerKeyListSchema = z
  .object({ object: z.literal('list'), data: z.array(providerKeySchema) })
  .meta({ id: 'ProviderKeyList' });

/** Why a secret was opened. */
export const ACCESS_REASONS = ['call', 'run', 'validate'] as const;
export type AccessReason = (typeof ACCESS_REASONS)[number];

export const vaultAccessQuerySchema = z.object({
  object_id: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(100).optional(),
});

export const vaultAccessListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z
        .object({
          id: z.string(),
          object: z.literal('vault_access'),
          object_id: z.string(),
          reason: z.enum(ACCESS_REASONS),
          user_id: z.string().nullable(),
          times: z.int().meta({ description: 'How often, within about a second.' }),
          last_request_id: z.string().nullable(),
          created_at: z.iso.datetime(),
        })
        .meta({ id: 'VaultAccess' }),
    ),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'VaultAccessList' });

export const rewrappedSchema = z
  .object({
    object: z.literal('rewrapped'),
    rewrapped: z.int().meta({ description: 'Tenants’ data keys that are now under the current master key.' }),
    remaining: z.boolean().meta({ description: 'There are more: call again.' }),
  })
  .meta({ id: 'RewrappedVault' });

export const deletedProviderKeySchema = z
  .object({ id: z.string(), object: z.literal('deleted') })
  .meta({ id: 'DeletedProviderKey' });
