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

const platformFallback = z.boolean().meta({
  description:
    'Whether the platform’s key may serve against your credit when none of your keys for the provider can. One key that says no decides for its provider.',
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
    platform_fallback: platformFallback.default(true),
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
    platform_fallback: platformFallback.optional(),
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
    preview: z
      .string()
      .meta({ description: 'Always the same length; of a long secret its last four characters.' }),
    status: z.enum(PROVIDER_KEY_STATUSES),
    status_message: z.string().nullable(),
    base_url: z.string().nullable(),
    priority: z.int(),
    monthly_budget_usd: z.number().nullable(),
    spent_this_month_usd: z.number(),
    platform_fallback: z.boolean(),
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
export const ACCESS_REASONS = ['call', 'run', 'validate', 'scrape', 'webhook'] as const;
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
          request_id: z.string().nullable().meta({ description: 'The request, or the run.' }),
          times: z.int().meta({ description: 'How often for that request.' }),
          created_at: z.iso.datetime(),
        })
        .meta({ id: 'VaultAccess' }),
    ),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'VaultAccessList' });

export const rewrapRequestSchema = z
  .strictObject({ after: z.string().max(100).optional() })
  .meta({ id: 'RewrapVaultRequest' });

export const rewrappedSchema = z
  .object({
    object: z.literal('rewrapped'),
    rewrapped: z.int().meta({ description: 'Tenants’ data keys that are now under the current master key.' }),
    failed: z.int().meta({
      description:
        'Data keys that did not open: their master key is not configured any more, or they were changed.',
    }),
    remaining: z.boolean().meta({ description: 'There are more: call again.' }),
    next_after: z.string().nullable().meta({ description: 'Where the next call goes on, as its `after`.' }),
  })
  .meta({ id: 'RewrappedVault' });

export const deletedProviderKeySchema = z
  .object({ id: z.string(), object: z.literal('deleted') })
  .meta({ id: 'DeletedProviderKey' });

const secretName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, {
  error: 'must be 1 to 100 letters, digits, "_", "." or "-", beginning with a letter or digit',
});

/** Body of `POST /v1/vaults`. */
export const createVaultRequestSchema = z
  .strictObject({ name: displayName, description: displayName.max(500).nullable().optional() })
  .meta({ id: 'CreateVaultRequest' });
export type CreateVaultRequest = z.output<typeof createVaultRequestSchema>;

/** Body of `PATCH /v1/vaults/{id}`. */
export const updateVaultRequestSchema = z
  .strictObject({ name: displayName.optional(), description: displayName.max(500).nullable().optional() })
  .meta({ id: 'UpdateVaultRequest' });
export type UpdateVaultRequest = z.output<typeof updateVaultRequestSchema>;

/** Body of `POST /v1/vaults/{id}/secrets`. */
export const createVaultSecretRequestSchema = z
  .strictObject({
    name: secretName,
    value: z.string().min(1).max(16_384).meta({ description: 'Sealed at once, and never shown again.' }),
    expires_at: z.iso.datetime().nullable().optional(),
  })
  .meta({ id: 'CreateVaultSecretRequest' });
export type CreateVaultSecretRequest = z.output<typeof createVaultSecretRequestSchema>;

/** Body of `POST /v1/vaults/{id}/secrets/{secret_id}/rotate`. */
export const rotateVaultSecretRequestSchema = z
  .strictObject({
    value: z.string().min(1).max(16_384),
    expires_at: z.iso.datetime().nullable().optional(),
  })
  .meta({ id: 'RotateVaultSecretRequest' });
export type RotateVaultSecretRequest = z.output<typeof rotateVaultSecretRequestSchema>;

export const vaultSchema = z
  .object({
    id: z.string(),
    object: z.literal('vault'),
    name: z.string(),
    description: z.string().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Vault' });
export type VaultView = z.infer<typeof vaultSchema>;

export const vaultSecretSchema = z
  .object({
    id: z.string(),
    object: z.literal('vault_secret'),
    vault_id: z.string(),
    name: z.string(),
    preview: z
      .string()
      .meta({ description: 'Always the same length; of a long value its last four characters.' }),
    version: z.int().meta({ description: 'One more with each rotation.' }),
    status: z.enum(['active', 'expired']),
    expires_at: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'VaultSecret' });
export type VaultSecretView = z.infer<typeof vaultSecretSchema>;

export const vaultPageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(100).optional(),
});

const page = <Item extends z.ZodType>(item: Item) =>
  z.object({
    object: z.literal('list'),
    data: z.array(item),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  });
export const vaultListSchema = page(vaultSchema).meta({ id: 'VaultList' });
export const vaultSecretListSchema = page(vaultSecretSchema).meta({ id: 'VaultSecretList' });

export const deletedVaultObjectSchema = z
  .object({ id: z.string(), object: z.literal('deleted') })
  .meta({ id: 'DeletedVaultObject' });
