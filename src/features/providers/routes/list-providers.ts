import { providerListSchema } from '../../../contracts/models.ts';
import { operation } from '../../../platform/http/operation.ts';
import { availability } from '../availability.ts';
import { NOTHING_KNOWN } from '../health.ts';
import { providerView } from '../health-state.ts';
import { readHealth } from '../read-health.ts';
import { PROVIDERS } from '../table.ts';

/** `GET /v1/providers`: what this deployment can call, what the rest would need, and how each is. */
export const listProviders = operation({
  operationId: 'listProviders',
  method: 'get',
  path: '/v1/providers',
  tag: 'Models',
  summary: 'Lists providers with their availability and health',
  description:
    'Health is what calls of the last five minutes met, the platform’s circuit breaker, and an active check every five minutes. ' +
    'Providers that this deployment has no key for are listed with the settings that they need.',
  access: { kind: 'principal', permission: 'models:read' },
  responses: { 200: { description: 'Every provider that Parallax knows.', schema: providerListSchema } },
  async handler({ c }) {
    const { config, clock, log } = c.var;
    const now = clock.now();
    const rows = PROVIDERS.map((provider) => ({ provider, usable: availability(config, provider.id) }));
    const ids = rows.filter(({ usable }) => usable.available).map(({ provider }) => provider.id);
    const health = await readHealth(c.env.PROVIDER_HEALTH, ids, { now, log });
    const data = rows.map(({ provider, usable }) =>
      providerView(provider, usable, health.get(provider.id) ?? NOTHING_KNOWN, now),
    );
    return c.json({ object: 'list' as const, data });
  },
});
