/**
 * Editors that are called back by a scheme of their own (RFC 8252, section 7.1), because they do not listen on a port. No others: a scheme may start
 * any program that a machine has for it, and whoever registers an app chooses its name.
 */
const EDITORS: ReadonlySet<string> = new Set(['cursor:', 'vscode:', 'vscode-insiders:', 'windsurf:']);

/** Whether codes may be sent to an address: `https`, this machine, or an editor. Pure. */
export function mayReceiveCodes(address: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' ? isLoopback(url.hostname) : EDITORS.has(url.protocol);
}

/** Where an address leads, for a person: a host, or an editor by its scheme. Pure. */
export function placeOf(address: string): { readonly place: string; readonly onMachine: boolean } {
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:' || protocol === 'http:')
    return { place: hostname, onMachine: isLoopback(hostname) };
  return { place: `${protocol}//${hostname}`, onMachine: true };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
