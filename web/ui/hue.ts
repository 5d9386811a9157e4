/** Calm hues for people, tenants and models: the same name has the same one everywhere (FNV-1a over its UTF-16 units). Pure. */
export const HUES = 12;

export function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) {
    hash ^= name.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % HUES;
}

/** One or two letters for an avatar. */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/[\s@._-]+/u)
    .filter((word) => word !== '');
  const [first = '', second = ''] = words;
  const letters = [...first].slice(0, 1).concat([...second].slice(0, 1));
  return letters.join('').toUpperCase() || '?';
}
