import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { cloudflareMailer } from './cloudflare.ts';
import { escapeHtml, layOut } from './layout.ts';
import { type Mail, MailError } from './mail.ts';
import { mailerContract } from './mailer-contract.ts';
import { resendMailer } from './resend.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that speaks Resend's API, with what it was sent; `status` is what it answers. */
async function resendServer(status = 200) {
  const received: { headers: IncomingMessage['headers']; url: string; body: Record<string, unknown> }[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
      received.push({ headers: request.headers, url: request.url ?? '', body });
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(status === 200 ? { id: 'mail-1' } : { message: 'no' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return { received, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const from = 'Parallax <hello@example.com>';

describe('mail through Resend', () => {
  mailerContract(async () => {
    const { received, baseUrl } = await resendServer();
    return {
      mailer: resendMailer({ apiKey: 're_test', from, baseUrl }),
      arrived: async () =>
        received.map(({ body }) => {
          const { to, subject, text, html } = body as { to: string[] } & Omit<Mail, 'to'>;
          return { to: to.join(), subject, text, html };
        }),
    };
  });

  it('names the sender and shows the key', async () => {
    const { received, baseUrl } = await resendServer();
    await resendMailer({ apiKey: 're_test', from, baseUrl }).send({
      to: 'a@b.c',
      subject: 's',
      text: 't',
      html: 'h',
    });
    expect(received[0]).toMatchObject({
      url: '/emails',
      headers: { authorization: 'Bearer re_test' },
      body: { from },
    });
  });

  it('hands the key of a mail on, by which it is sent once', async () => {
    const { received, baseUrl } = await resendServer();
    const mail = { to: 'a@b.c', subject: 's', text: 't', html: 'h' };
    await resendMailer({ apiKey: 're_test', from, baseUrl }).send(mail, 'ten_1/n/usr_1');
    expect(received[0]?.headers['idempotency-key']).toBe('ten_1/n/usr_1');
  });

  it.each([
    [429, true],
    [500, true],
    [422, false],
    [401, false],
  ])('says of an answer %i whether another try may help: %s', async (status, temporary) => {
    const { baseUrl } = await resendServer(status);
    const sent = resendMailer({ apiKey: 're_test', from, baseUrl }).send({
      to: 'ada@example.com',
      subject: 's',
      text: 'secret link',
      html: 'h',
    });
    const error = await sent.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MailError);
    expect(error).toMatchObject({ temporary });
    expect(String((error as Error).message)).not.toMatch(/secret|ada@|re_test/);
  });

  it('says of a service that cannot be reached, or does not answer in time, that another try may help', async () => {
    const mail = { to: 'a@b.c', subject: 's', text: 't', html: 'h' };
    const nowhere = resendMailer({ apiKey: 're_test', from, baseUrl: 'http://127.0.0.1:1' });
    await expect(nowhere.send(mail)).rejects.toMatchObject({ temporary: true });
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const slow = resendMailer({ apiKey: 're_test', from, baseUrl, timeoutMs: 50 });
    await expect(slow.send(mail)).rejects.toMatchObject({ temporary: true });
    server.closeAllConnections();
  });
});

describe('mail through a Cloudflare binding', () => {
  mailerContract(async () => {
    const sent: Mail[] = [];
    const binding = {
      send: async (mail: unknown) => {
        const { to, subject, text, html } = mail as Mail;
        sent.push({ to, subject, text, html });
        return { messageId: 'mail-1' };
      },
    } as unknown as SendEmail;
    return { mailer: cloudflareMailer(binding, from), arrived: async () => sent };
  });
});

describe('the layout of a mail', () => {
  const content = {
    to: 'ada@example.com',
    subject: 'Hello\r\nBcc: everybody@example.com',
    paragraphs: ['Hello <script>alert(1)</script>,', 'this is "it" & that’s all'],
    action: { label: 'Go <b>there</b>', url: 'https://parallax.test/x#token="><script>' },
    footer: 'Bye',
  };

  it('lets no name become HTML, in text or in attributes', () => {
    const { html } = layOut(content);
    expect(html).not.toMatch(/<script>|<b>/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).toContain('href="https://parallax.test/x#token=&quot;&gt;&lt;script&gt;"');
  });

  it('lets no name begin another header', () => {
    expect(layOut(content).subject).toBe('Hello Bcc: everybody@example.com');
  });

  it('says in text what it says in HTML', () => {
    const { text } = layOut({ ...content, code: '12345678' });
    for (const part of [...content.paragraphs, '12345678', content.action.url, content.footer])
      expect(text).toContain(part);
    expect(escapeHtml(`<>&"'`)).toBe('&lt;&gt;&amp;&quot;&#39;');
  });
});
