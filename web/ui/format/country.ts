/** A country's name in English for its ISO 3166-1 code; the code itself where there is none. */
export function country(code: string | null): string {
  if (code === null) return 'unknown place';
  try {
    return new Intl.DisplayNames('en', { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}
