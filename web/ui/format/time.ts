/** Times for reading, from ISO 8601 texts. Everything takes the present as an argument, so that it can be tested. Pure. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** “now”, “5 min ago”, “in 3 h”, “2 days ago”; from two weeks on the date: “4 Mar 2026”. */
export function ago(iso: string, now: number): string {
  const at = Date.parse(iso);
  const distance = Math.abs(now - at);
  if (distance < 45_000) return 'now';
  if (distance >= 14 * DAY) return date(iso);
  const text =
    distance < HOUR
      ? `${Math.max(1, Math.round(distance / MINUTE))} min`
      : distance < DAY
        ? `${Math.round(distance / HOUR)} h`
        : Math.round(distance / DAY) === 1
          ? '1 day'
          : `${Math.round(distance / DAY)} days`;
  return at <= now ? `${text} ago` : `in ${text}`;
}

/** “4 Mar 2026”, in the person's own time zone. */
export function date(iso: string, timeZone?: string): string {
  return new Date(iso).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone,
  });
}

/** “4 Mar 2026, 14:05:09 CET”: exact, for a hover and for records. */
export function exactTime(iso: string, timeZone?: string): string {
  const when = new Date(iso);
  const time = when.toLocaleTimeString('en-GB', { hour12: false, timeZone, timeZoneName: 'short' });
  return `${date(iso, timeZone)}, ${time}`;
}

/** “3 days”, “5 hours”, for lengths given in seconds. */
export function length(seconds: number): string {
  const units = [
    ['day', DAY / 1_000],
    ['hour', HOUR / 1_000],
    ['minute', MINUTE / 1_000],
  ] as const;
  for (const [unit, size] of units) {
    if (seconds >= size) {
      const whole = Math.round(seconds / size);
      return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
    }
  }
  return `${seconds} second${seconds === 1 ? '' : 's'}`;
}
