import { z } from 'zod';
import { ROLES, SCOPES, type Scope, scopeSchema } from './principal.ts';

/** What each scope lets an app do, for the consent page and the documentation. */
export const SCOPE_DESCRIPTIONS: Readonly<Record<Scope, string>> = {
  perspectives: 'Ask several models at once, and read and merge the answers',
  models: 'See the models that you can use, and ask them',
  'memory:read': 'Read and search your memory',
  'memory:write': 'Add to your memory and change it',
  knowledge: 'Search your documents and ask about them',
  visual: 'Make and edit images and video',
  'usage:read': 'See what was used and what it cost',
  cli: 'Send prompts to the command line programs on your machines',
  offline_access: 'Stay connected without asking you again each hour',
};

/** What an app gets that asks for no scope by name. */
export const DEFAULT_APP_SCOPES: readonly Scope[] = ['perspectives', 'models', 'usage:read'];

/** Answer of `GET /v1/oauth/requests/{id}`: what a person has to decide. */
export const oauthRequestSchema = z
  .object({
    id: z.string(),
    object: z.literal('oauth_request'),
    client: z.object({
      name: z
        .string()
        .meta({ description: 'As the app calls itself: anybody can call themselves anything.' }),
      host: z.string().nullable().meta({
        description: 'The domain that vouches for the app; null where it only registered itself.',
      }),
      verified: z.boolean().meta({ description: 'Whether `host` vouches for it.' }),
    }),
    redirect_host: z.string().meta({ description: 'Where the tokens go.' }),
    localhost_only: z.boolean().meta({
      description: 'They go to a program on your own machine: any that listens there gets them.',
    }),
    scopes: z.array(z.object({ scope: scopeSchema, description: z.string() })),
    tenants: z.array(z.object({ id: z.string(), name: z.string(), role: z.enum(ROLES) })),
  })
  .meta({ id: 'OAuthRequest' });

/** Body of `POST /v1/oauth/requests/{id}`. */
export const oauthDecisionSchema = z
  .strictObject({
    decision: z.enum(['allow', 'deny']),
    tenant_id: z
      .string()
      .max(60)
      .optional()
      .meta({ description: 'The tenant the app may act in. To allow.' }),
    scopes: z.array(scopeSchema).min(1).max(SCOPES.length).optional().meta({
      description: 'Of those that were asked for; all of them unless said otherwise.',
    }),
    remember: z.boolean().default(false).meta({
      description:
        'Do not ask again for 30 days when the same app asks for the same or less in the same tenant at this browser. Never for programs on your own machine.',
    }),
  })
  .meta({ id: 'OAuthDecision' });

export const oauthDecidedSchema = z
  .object({
    object: z.literal('oauth_decision'),
    redirect_to: z.string().meta({ description: 'Where the browser goes now: back to the app.' }),
  })
  .meta({ id: 'OAuthDecided' });

export const connectedAppSchema = z
  .object({
    id: z.string(),
    object: z.literal('connected_app'),
    client: z.object({ name: z.string(), host: z.string().nullable() }),
    redirect_host: z.string(),
    tenant_id: z.string(),
    scopes: z.array(scopeSchema),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().nullable().meta({ description: 'To the minute.' }),
  })
  .meta({ id: 'ConnectedApp' });

export const connectedAppListSchema = z
  .object({ object: z.literal('list'), data: z.array(connectedAppSchema) })
  .meta({ id: 'ConnectedAppList' });

export const disconnectedAppSchema = z
  .object({ id: z.string(), object: z.literal('deleted') })
  .meta({ id: 'DisconnectedApp' });
