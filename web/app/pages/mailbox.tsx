import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { get } from '../api.ts';
import { Brand, Notice, Skeleton, Time } from '../parts.tsx';

interface Mail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly created_at: string;
}

/** Mails that a local server would have sent, to be read here. */
export function Mailbox() {
  useEffect(() => {
    document.title = 'Dev mailbox – Parallax';
  }, []);
  const mails = useQuery({
    queryKey: ['mails'],
    queryFn: () => get<{ data: Mail[] }>('/dev/mailbox/mails'),
    refetchInterval: 2_000,
    retry: false,
  });
  return (
    <main className="narrow wide">
      <a className="brand" href="/">
        <Brand /> Parallax
      </a>
      <h1>Dev mailbox</h1>
      <p>This server sends no mail. What it would have sent is here, newest first.</p>
      {mails.isError ? <Notice kind="warning">{mails.error.message}</Notice> : null}
      {mails.isPending ? <Skeleton /> : null}
      {(mails.data?.data ?? []).map((mail) => (
        <article key={mail.id} className="panel mail">
          <h2>{mail.subject}</h2>
          <p className="faint">
            to {mail.to}, <Time at={mail.created_at} />
          </p>
          <p className="mail-text">{withLinks(mail.text)}</p>
        </article>
      ))}
      {mails.data?.data.length === 0 ? <p className="empty">Nothing was sent yet.</p> : null}
    </main>
  );
}

/** Addresses of this server as links; everything else stays text. */
function withLinks(text: string) {
  const { origin } = window.location;
  let at = 0;
  return text.split(/(https?:\/\/\S+)/).map((part) => {
    at += part.length;
    return part.startsWith(`${origin}/`) ? (
      <a key={at} href={part}>
        {part}
      </a>
    ) : (
      part
    );
  });
}
