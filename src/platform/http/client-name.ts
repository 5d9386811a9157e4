/**
 * The program that asks, from its `user-agent`, as it is recorded: `openai-python`, `anthropic-typescript`, `curl`. Official SDKs say their
 * language in a header of their own. Null when it says nothing usable; never more than 60 plain characters.
 */
export function clientName(headers: Headers): string | null {
  const agent = headers.get('user-agent');
  if (agent === null) return null;
  const product = /^[A-Za-z][A-Za-z0-9._-]{0,39}/.exec(agent)?.[0]?.toLowerCase();
  if (product === undefined) return null;
  const language = headers.get('x-stainless-lang');
  return language !== null && /^[a-z]{1,12}$/.test(language) ? `${product}-${language}` : product;
}
