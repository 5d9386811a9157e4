/** The D1 database's name, here and in the account. */
export const DATABASE = 'parallax';

/** The KV namespace of OAuth, by its title in the account. */
export const OAUTH_NAMESPACE = 'parallax-oauth';

const PLACEHOLDER_ID = '00000000-0000-0000-0000-000000000000';
const PLACEHOLDER_NAMESPACE = '00000000000000000000000000000000';

/** The configuration with the account's ids in place of the local placeholders. Throws when there is none to replace. */
export function configFor(wranglerToml: string, databaseId: string, namespaceId: string): string {
  if (!wranglerToml.includes(PLACEHOLDER_ID))
    throw new Error('wrangler.toml has no placeholder for the database id');
  if (!wranglerToml.includes(PLACEHOLDER_NAMESPACE))
    throw new Error('wrangler.toml has no placeholder for the KV namespace’s id');
  return wranglerToml.replaceAll(PLACEHOLDER_ID, databaseId).replaceAll(PLACEHOLDER_NAMESPACE, namespaceId);
}

/** Whether `wrangler secret list` says that the account has no such Worker, and nothing else. In the words of the pinned wrangler, or as the API's code 10007. */
export function isMissingWorker(output: string): boolean {
  return (
    /Worker ".+"(?: \(env: .+\))? not found\.\s+If this is a new Worker/.test(output) ||
    /\[code: 10007\]/.test(output)
  );
}

/** The queues that the deployed configuration names, dead-letter queues among them; each once. */
export function queueNames(wranglerToml: string): string[] {
  const production = wranglerToml.slice(wranglerToml.indexOf('[env.production]'));
  const named = [...production.matchAll(/^(?:queue|dead_letter_queue) = "([^"]+)"/gm)];
  return [...new Set(named.map(([, name]) => name ?? ''))];
}

/** Whether `wrangler queues create` says that there is a queue of that name already, in its words or as the API's code 11009. */
export function isQueueThere(output: string): boolean {
  return /\[code: 11009\]/.test(output) || /queue.*already (?:exists|taken)/i.test(output);
}
