/** The D1 database's name, here and in the account. */
export const DATABASE = 'parallax';

const PLACEHOLDER_ID = '00000000-0000-0000-0000-000000000000';

/** The configuration with the account's database id in place of the local placeholder. Throws when there is none to replace. */
export function configFor(wranglerToml: string, databaseId: string): string {
  if (!wranglerToml.includes(PLACEHOLDER_ID))
    throw new Error('wrangler.toml has no placeholder for the database id');
  return wranglerToml.replaceAll(PLACEHOLDER_ID, databaseId);
}
