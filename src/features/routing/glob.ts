/**
 * Whether a text fits a pattern in which `*` stands for any characters; case does not count. Goes back to the last `*` alone, so that no
 * pattern takes longer than the product of the two lengths (a regular expression made of it could take exponentially long).
 */
export function fits(pattern: string, text: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = text.toLowerCase();
  let at = 0;
  let from = 0;
  /** The last star, and how much of the text it has taken. */
  let star = -1;
  let taken = 0;
  while (from < given.length) {
    if (at < wanted.length && wanted[at] === '*') {
      star = at;
      taken = from;
      at += 1;
    } else if (at < wanted.length && wanted[at] === given[from]) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      taken += 1;
      at = star + 1;
      from = taken;
    } else return false;
  }
  while (wanted[at] === '*') at += 1;
  return at === wanted.length;
}
