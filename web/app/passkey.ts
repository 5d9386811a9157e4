import { Problem } from './api/problem.ts';

/** Whether this browser can use passkeys at this address: they need a host name, not a bare IP address. */
export function passkeysWork(): boolean {
  return (
    typeof PublicKeyCredential === 'function' &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function'
  );
}

/** Asks the person's device to sign in. Gives what the server checks; throws a `Problem` in words when it did not come to that. */
export async function askPasskey(options: Readonly<Record<string, unknown>>): Promise<unknown> {
  requirePasskeys();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return jsonOf(await navigator.credentials.get({ publicKey }).catch(inWords));
}

/** Asks the person's device to make a passkey. */
export async function makePasskey(options: Readonly<Record<string, unknown>>): Promise<unknown> {
  requirePasskeys();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return jsonOf(await navigator.credentials.create({ publicKey }).catch(inWords));
}

function jsonOf(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw words('No passkey was chosen.');
  return credential.toJSON();
}

function requirePasskeys(): void {
  if (!passkeysWork())
    throw words('This browser cannot use passkeys here. Try a newer one, or sign in another way.');
}

function words(message: string): Problem {
  return new Problem({ status: 0, code: 'passkey', message });
}

function inWords(error: unknown): never {
  if (!(error instanceof DOMException)) throw error;
  switch (error.name) {
    case 'NotAllowedError':
    case 'AbortError':
      throw words('Nothing was chosen, or it took too long. Try again when you are ready.');
    case 'InvalidStateError':
      throw words('This device has a passkey for your account already.');
    case 'SecurityError':
      throw words(
        'Passkeys do not work at this address. Open this site by its name, such as localhost, instead of an IP address.',
      );
    default:
      throw words('The device could not do that. Try again, or use another one.');
  }
}
