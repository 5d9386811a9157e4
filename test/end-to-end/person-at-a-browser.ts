/** Somebody at a browser, over HTTP: keeps cookies, sends the origin of our own pages, and reads their mail at the dev mailbox. */
export class PersonAtABrowser {
  readonly #baseUrl: string;
  readonly #cookies = new Map<string, string>();
  readonly email = `person-${crypto.randomUUID()}@example.com`;

  private constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** Somebody new, with a confirmed address, signed in. */
  static async signedUp(baseUrl: string, name = 'Ada'): Promise<PersonAtABrowser> {
    const person = new PersonAtABrowser(baseUrl);
    const { email } = person;
    const password = 'correct horse battery staple';
    await person.ask('POST', '/auth/sign-up', { name, email, password });
    await person.ask('POST', '/auth/verify-email', { token: await person.#mailedToken('verify-email') });
    await person.ask('POST', '/auth/sign-in', { email, password });
    return person;
  }

  /** Their cookies, for a real browser that goes on as they are. Secure ones, as their names promise: a browser sends those to its own machine without TLS, too. */
  get cookies(): { name: string; value: string; url: string }[] {
    const url = this.#baseUrl.replace('http:', 'https:');
    return [...this.#cookies].map(([name, value]) => ({ name, value, url }));
  }

  /** Opens where an app sent the browser and allows it; gives the code that the app is brought. */
  async allows(url: URL): Promise<string> {
    const code = new URLSearchParams(await this.allowsWithIssuer(url)).get('code');
    if (code === null) throw new Error('the app was brought no code');
    return code;
  }

  /** The same, with all that the app is brought. */
  async allowsWithIssuer(url: URL): Promise<string> {
    const request = await this.#open(url);
    const asked = await this.ask<{ tenants: { id: string }[] }>('GET', `/v1/oauth/requests/${request}`);
    const decided = await this.ask<{ redirect_to: string }>('POST', `/v1/oauth/requests/${request}`, {
      decision: 'allow',
      tenant_id: asked.tenants[0]?.id,
    });
    return new URL(decided.redirect_to).search;
  }

  async refuses(url: URL): Promise<URL> {
    const request = await this.#open(url);
    const decided = await this.ask<{ redirect_to: string }>('POST', `/v1/oauth/requests/${request}`, {
      decision: 'deny',
    });
    return new URL(decided.redirect_to);
  }

  async disconnects(name: string): Promise<void> {
    const { data } = await this.ask<{ data: { id: string; client: { name: string } }[] }>(
      'GET',
      '/v1/connected-apps',
    );
    const app = data.find(({ client }) => client.name === name);
    if (app === undefined) throw new Error(`no app "${name}" is connected`);
    await this.ask('DELETE', `/v1/connected-apps/${app.id}`);
  }

  /** Follows the app's link to the page that asks; gives the request's id. */
  async #open(url: URL): Promise<string> {
    const response = await this.#fetch('GET', url.href);
    const location = new URL(response.headers.get('location') ?? '', this.#baseUrl);
    const request = location.searchParams.get('request');
    if (request === null) throw new Error(`the browser was sent to ${location}: ${await response.text()}`);
    return request;
  }

  /** Accepts the invitation to a tenant that was mailed to them. */
  async acceptsInvitation(): Promise<void> {
    await this.ask('POST', '/v1/invitations/accept', { token: await this.#mailedToken('invitation') });
  }

  /** The token of the mailed link to a page. */
  async #mailedToken(page: string): Promise<string> {
    const link = new RegExp(`/${page}#token=(\\S+)`);
    for (let look = 0; look < 100; look++) {
      const path = `/dev/mailbox/mails?to=${encodeURIComponent(this.email)}`;
      const { data } = await this.ask<{ data: { text: string }[] }>('GET', path);
      const token = data.map(({ text }) => link.exec(text)?.[1]).find((one) => one !== undefined);
      if (token !== undefined) return token;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no mail with a link to ${page} came to ${this.email}`);
  }

  /** Asks the API with their cookies. Throws for everything but a success. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#fetch(method, `${this.#baseUrl}${path}`, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }

  async #fetch(method: string, url: string, body?: unknown): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        origin: new URL(this.#baseUrl).origin,
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const one of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (one.split(';')[0] ?? '').split(/=(.*)/s);
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }
}
