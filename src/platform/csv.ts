/**
 * A field as RFC 4180 writes it; nothing for null and undefined. What a spreadsheet would take for a formula gets an apostrophe before it, because some of it
 * (names, user agents) is a stranger's text (https://owasp.org/www-community/attacks/CSV_Injection). Numbers are written as they are.
 */
export function csvField(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  const safe = typeof value !== 'number' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A line of fields, with its end. */
export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}
