import { z } from 'zod';

/** What can act: a person at a browser, an API key, a connected app, the operator, or Parallax itself. */
export const ACTOR_TYPES = ['user', 'key', 'client', 'operator', 'system'] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

const name = z.string().min(1).max(120);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const auditEntrySchema = z
  .object({
    id: z.string(),
    object: z.literal('audit_entry'),
    number: z.int().meta({ description: 'Its place in the tenant’s chain: 1, 2, 3 …, without gaps.' }),
    created_at: z.iso.datetime(),
    actor: z.object({
      type: z.enum(ACTOR_TYPES),
      id: z.string(),
      user_id: z.string().nullable().meta({ description: 'The person behind a key or an app.' }),
    }),
    action: z.string().meta({ description: 'What was done, as `thing.done`: `api_key.created`.' }),
    target: z.object({ type: z.string(), id: z.string() }),
    before: sha256.nullable().meta({ description: 'SHA-256 of the object before, as canonical JSON.' }),
    after: sha256.nullable().meta({ description: 'SHA-256 of the object after, as canonical JSON.' }),
    changed: z.array(z.string()).nullable().meta({ description: 'Names of the fields that differ.' }),
    request_id: z.string().nullable(),
    ip: z.string().nullable(),
    country: z.string().nullable(),
    user_agent: z.string().nullable(),
    risk: z.int().min(0).max(100).nullable(),
    previous: sha256.meta({ description: 'The hash of the entry before.' }),
    hash: sha256.meta({ description: 'SHA-256 over all of this entry and the hash before it.' }),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryView = z.infer<typeof auditEntrySchema>;

const filters = {
  actor_id: name.optional().meta({ description: 'A key, an app or a person.' }),
  user_id: name.optional(),
  action: name.optional().meta({ description: 'Whole, or its beginning with a star: `api_key.*`.' }),
  target_type: name.optional(),
  target_id: name.optional(),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  min_risk: z.coerce.number().int().min(0).max(100).optional(),
};

export const auditListQuerySchema = z.object({
  ...filters,
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(20).optional(),
});
export type AuditFilters = Omit<z.output<typeof auditListQuerySchema>, 'limit' | 'cursor'>;

export const auditListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(auditEntrySchema),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'AuditEntryList' });

export const auditExportQuerySchema = z.object({
  ...filters,
  format: z.enum(['csv', 'jsonl']).default('csv'),
});

export const AUDIT_FAULTS = ['changed', 'missing', 'out_of_order', 'cut_off', 'bad_seal'] as const;
export type AuditFault = (typeof AUDIT_FAULTS)[number];

export const auditVerifyQuerySchema = z.object({
  cursor: z.string().max(120).optional().meta({ description: 'From an answer that was not the last.' }),
});

export const auditVerificationSchema = z
  .object({
    object: z.literal('audit_verification'),
    intact: z.boolean().meta({ description: 'Nothing was found in what was checked so far.' }),
    checked: z.object({ from: z.int(), to: z.int() }).meta({
      description: 'Numbers of the first and the last entry that were checked; `from` above `to`: none.',
    }),
    checkpoint: z
      .object({ number: z.int(), hash: sha256, created_at: z.iso.datetime() })
      .nullable()
      .meta({ description: 'Where the chain begins after its older entries were deleted, sealed.' }),
    faults: z.array(
      z.object({
        number: z.int(),
        kind: z.enum(AUDIT_FAULTS),
        where: z.enum(['chain', 'copy']).meta({
          description: 'The chain itself, or the copy in the database that lists are read from.',
        }),
        message: z.string(),
      }),
    ),
    next_cursor: z.string().nullable().meta({ description: 'There is more to check: ask again with it.' }),
  })
  .meta({ id: 'AuditVerification' });

/** Days that audit entries may be kept. */
export const AUDIT_RETENTION_DAYS = { least: 30, most: 3_650 } as const;

export const auditSettingsRequestSchema = z
  .strictObject({
    retention_days: z
      .int()
      .min(AUDIT_RETENTION_DAYS.least)
      .max(AUDIT_RETENTION_DAYS.most)
      .nullable()
      .optional()
      .meta({ description: 'Days that entries are kept; null keeps them for good.' }),
    legal_hold: z
      .boolean()
      .optional()
      .meta({ description: 'While it is on nothing is deleted, however old it is.' }),
  })
  .meta({ id: 'AuditSettingsRequest' });

export const auditSettingsSchema = z
  .object({
    object: z.literal('audit_settings'),
    retention_days: z.int().nullable(),
    legal_hold: z.boolean(),
    entries: z.int().meta({ description: 'How many there are.' }),
  })
  .meta({ id: 'AuditSettings' });
