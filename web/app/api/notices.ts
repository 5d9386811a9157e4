import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { z } from 'zod';
import type { NoticeView, noticeListSchema, readNoticesSchema } from '../../../src/contracts/notices.ts';
import { ask } from './client.ts';
import { useTenant } from './session.ts';

type NoticeList = z.infer<typeof noticeListSchema>;

/** How often it is looked whether there is something new, while the page is looked at. Milliseconds. */
const LOOK_EVERY_MS = 60_000;

export interface Notices {
  /** Undefined before they were loaded. */
  readonly rows: readonly NoticeView[] | undefined;
  readonly unread: number;
  readonly failed: boolean;
  readonly refresh: () => void;
  /** Marks all that are shown as read. They look unread until the list is loaded again, so that a person sees what is new. */
  readonly markRead: () => void;
}

/** What the person was told in the present tenant. */
export function useNotices(): Notices {
  const client = useQueryClient();
  const key = ['notices', useTenant().id];
  const { data, isError, refetch } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => ask<NoticeList>('GET', '/v1/notices', { signal }),
    refetchInterval: LOOK_EVERY_MS,
  });
  return {
    rows: data?.data,
    unread: data?.unread ?? 0,
    failed: isError && data === undefined,
    refresh: () => void refetch(),
    markRead: () => {
      const newest = data?.data[0];
      if (newest === undefined || data?.unread === 0) return;
      // Should it fail they are unread the next time: nothing that a person has to be told of.
      ask<z.infer<typeof readNoticesSchema>>('POST', '/v1/notices/read', { body: { up_to: newest.id } })
        .then(({ unread }) =>
          client.setQueryData<NoticeList>(key, (list) => (list === undefined ? list : { ...list, unread })),
        )
        .catch(() => undefined);
    },
  };
}
