import type { ReactNode } from 'react';
import { PageHeader } from '../../ui/page-header.tsx';

/** A page's head, and its name in the browser's tab. */
export function Header({
  title,
  page = title,
  description,
  action,
  aside,
}: {
  readonly title: string;
  /** Its name in the tab, where the head says something else. */
  readonly page?: string;
  readonly description: ReactNode;
  readonly action?: ReactNode;
  readonly aside?: ReactNode;
}): ReactNode {
  return (
    <>
      <title>{`${page} – Parallax`}</title>
      <PageHeader title={title} description={description} action={action} aside={aside} />
    </>
  );
}
