import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClass } from '../../../ui/button.tsx';
import { Code } from '../../../ui/code.tsx';
import { Copyable } from '../../../ui/copy.tsx';
import { Figure, Figures } from '../../../ui/figures.tsx';
import { count } from '../../../ui/format/money.ts';
import { Money } from '../../../ui/money.tsx';
import { PageBody } from '../../../ui/page-header.tsx';
import { Tabs } from '../../../ui/tabs.tsx';
import { readCredits } from '../../api/credits.ts';
import { readMe } from '../../api/keys.ts';
import { useMay, useSession, useTenant } from '../../api/session.ts';
import { Header } from '../../frame/header.tsx';
import { ROLE_WORDS } from '../../scopes.ts';
import { type ClientSetup, clientSetups, restSetups } from './clients.ts';
import { FirstSteps } from './first-steps.tsx';

/** Where things stand, and how to connect what the person works with. */
export function OverviewPage(): ReactNode {
  const { person } = useSession();
  const tenant = useTenant();
  const may = useMay();
  const { origin } = window.location;
  const mcpUrl = `${origin}/mcp`;
  return (
    <PageBody narrow>
      <Header
        title={`Hello, ${person.name.split(' ')[0]}`}
        page="Overview"
        description="Connect what you work with, and see where things stand."
        action={
          may('api_keys:write') ? (
            <Link to="/api-keys" search={{ create: true }} className={buttonClass('primary')}>
              <Plus size={16} aria-hidden />
              Make an API key
            </Link>
          ) : undefined
        }
      />
      <Standing tenantId={tenant.id} />
      <FirstSteps tenantId={tenant.id} />
      <section className="border-line border-t py-6" aria-labelledby="mcp">
        <h2 id="mcp" className="text-16 font-semibold">
          Connect a client by MCP
        </h2>
        <p className="mt-0.5 max-w-[72ch] pb-3 text-text-2">
          The address is all it needs: the client opens a browser, you allow it, and it stands under{' '}
          <Link
            to="/connected-apps"
            className="underline decoration-line-3 underline-offset-3 hover:decoration-current"
          >
            Connected apps
          </Link>
          .
        </p>
        <Address label="MCP address" text={mcpUrl} />
        <Tabs label="Clients" tabs={clientSetups(mcpUrl).map(tabOf)} />
      </section>
      <section className="border-line border-t py-6" aria-labelledby="rest">
        <h2 id="rest" className="text-16 font-semibold">
          Call the REST API
        </h2>
        <p className="mt-0.5 max-w-[72ch] pb-3 text-text-2">
          With an API key. Every route is in the{' '}
          <a
            href="/docs/"
            className="underline decoration-line-3 underline-offset-3 hover:decoration-current"
          >
            API reference
          </a>
          .
        </p>
        <Address label="Base URL" text={`${origin}/v1`} />
        <Tabs label="Ways to call" tabs={restSetups(origin).map(tabOf)} />
      </section>
    </PageBody>
  );
}

function tabOf(setup: ClientSetup) {
  return {
    id: setup.id,
    title: setup.title,
    content: (
      <div className="flex flex-col gap-2">
        <p className="text-13 text-text-2">{setup.before}</p>
        <Code code={setup.code} language={setup.language} what={`the text for ${setup.title}`} />
        {setup.after !== undefined && <p className="text-13 text-text-2">{setup.after}</p>}
      </div>
    ),
  };
}

function Address({ label, text }: { readonly label: string; readonly text: string }): ReactNode {
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-3 text-13">
      <span className="text-text-3">{label}</span>
      <Copyable text={text} what={`the ${label}`} />
    </div>
  );
}

/** Credit, limits and role. */
function Standing({ tenantId }: { readonly tenantId: string }): ReactNode {
  const may = useMay();
  const tenant = useTenant();
  const credits = useQuery({
    queryKey: [tenantId, 'credits'],
    queryFn: ({ signal }) => readCredits(signal),
    enabled: may('credits:read'),
  });
  const me = useQuery({ queryKey: [tenantId, 'me'], queryFn: ({ signal }) => readMe(signal) });
  const limits = me.data?.limits;
  return (
    <Figures>
      <Figure label="Credit available" failed={credits.isError}>
        {credits.data &&
          (credits.data.unlimited ? 'Unlimited' : <Money nano={credits.data.available_nano_usd} />)}
      </Figure>
      <Figure label="Reserved" failed={credits.isError}>
        {credits.data && <Money nano={credits.data.reserved_nano_usd} />}
      </Figure>
      <Figure label="Requests a minute" failed={me.isError}>
        {limits && count(limits.requests_per_minute)}
      </Figure>
      <Figure label="Your role">{ROLE_WORDS[tenant.role].name}</Figure>
    </Figures>
  );
}
