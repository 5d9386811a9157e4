import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { UsageEventView } from '../../../../src/contracts/usage.ts';
import { Status } from '../../../ui/badge.tsx';
import { buttonClass } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copy.tsx';
import { Details } from '../../../ui/details.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { count } from '../../../ui/format/money.ts';
import { milliseconds } from '../../../ui/format/quantity.ts';
import { Money } from '../../../ui/money.tsx';
import { Time } from '../../../ui/time.tsx';
import { FEATURE_WORDS, type NameOf, STATUS_WORDS, STRATEGY_WORDS } from './words.ts';

const CHOSEN: Readonly<Record<UsageEventView['chosen_by'], string>> = {
  explicit: 'By name',
  alias: 'By an alias',
  rule: 'By a rule of the tenant',
  auto: 'By routing (auto)',
  fallback: 'As a fallback',
  run: 'By its run',
};

/** One call, whole. */
export function CallDialog({
  call,
  nameOf,
  onClose,
}: {
  readonly call: UsageEventView;
  readonly nameOf: NameOf;
  readonly onClose: () => void;
}): ReactNode {
  const status = STATUS_WORDS[call.status];
  return (
    <Dialog
      open
      onClose={onClose}
      title={call.model}
      description={
        <span className="flex items-center gap-3">
          <Time at={call.created_at} as="exact" />
          <Status tone={status.tone}>{status.word}</Status>
        </span>
      }
      footer={
        call.run_id === null ? undefined : (
          <>
            <Link to="/usage/calls" search={{ run: call.run_id }} className={buttonClass()}>
              All calls of the run
            </Link>
            <Link to="/usage/runs/$runId" params={{ runId: call.run_id }} className={buttonClass()}>
              Receipt of the run
            </Link>
          </>
        )
      }
    >
      <Details
        items={[
          ['Charged', <Money key="charge" nano={call.charge_nano_usd} />],
          [
            'Cost',
            call.priced ? (
              <span key="cost">
                <Money nano={call.cost_nano_usd} />
                <span className="text-text-3"> at the provider’s prices</span>
              </span>
            ) : (
              'No price is known'
            ),
          ],
          ['Paid by', STRATEGY_WORDS[call.key_strategy]],
          ...(call.provider_key_id === null
            ? []
            : [['Provider key', nameOf('provider_key', call.provider_key_id)] as const]),
          [
            'Tokens in',
            tokens(call.input_tokens, [
              ['from the cache', call.cached_input_tokens],
              ['into the cache', call.cache_write_tokens],
            ]),
          ],
          ['Tokens out', tokens(call.output_tokens, [['thoughts', call.reasoning_tokens]])],
          ...(call.estimated ? [['', 'Counted here: the provider sent no figures'] as const] : []),
          ['Took', milliseconds(call.latency_ms)],
          [
            'First content',
            call.first_token_ms === null ? 'not streamed' : `after ${milliseconds(call.first_token_ms)}`,
          ],
          ...(call.error_kind === null ? [] : [['Failure', call.error_kind.replaceAll('_', ' ')] as const]),
          ['Feature', FEATURE_WORDS[call.feature]],
          ['Chosen', CHOSEN[call.chosen_by]],
          ['Provider', call.provider],
          ['Member', nameOf('user', call.user_id)],
          ['API key', nameOf('key', call.key_id)],
          ['Program', call.client ?? 'did not say'],
          ['Request', <Copyable key="request" text={call.request_id} what="the request’s id" />],
          ['Call', <Copyable key="call" text={call.id} what="the call’s id" />],
        ]}
      />
    </Dialog>
  );
}

function tokens(all: number, parts: readonly (readonly [string, number])[]): string {
  const said = parts.filter(([, some]) => some > 0).map(([words, some]) => `${count(some)} ${words}`);
  return said.length === 0 ? count(all) : `${count(all)}, ${said.join(', ')}`;
}
