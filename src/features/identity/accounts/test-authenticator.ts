import { base64url, sha256, utf8 } from '../../../platform/crypto.ts';

interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
}

interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
}

const PRESENT = 1;
const VERIFIED = 4;
const HAS_CREDENTIAL = 64;

/**
 * An authenticator in software (WebAuthn level 3): makes an ES256 credential and signs with it, as a browser with a platform key does. `verified`
 * says whether it checked who holds it.
 */
export class Authenticator {
  readonly #keys: CryptoKeyPair;
  readonly #id: Uint8Array<ArrayBuffer>;
  readonly #origin: string;
  #counter = 0;
  verified = true;

  private constructor(keys: CryptoKeyPair, origin: string) {
    this.#keys = keys;
    this.#origin = origin;
    this.#id = crypto.getRandomValues(new Uint8Array(32));
  }

  static async create(origin: string): Promise<Authenticator> {
    const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ]);
    return new Authenticator(keys as CryptoKeyPair, origin);
  }

  /** What `navigator.credentials.create` gives, as JSON. */
  async register({ challenge, rp }: CreationOptions): Promise<Record<string, unknown>> {
    const jwk = (await crypto.subtle.exportKey('jwk', this.#keys.publicKey)) as JsonWebKey;
    // COSE_Key (RFC 9053): EC2, ES256, P-256, x, y.
    const key = concat(
      Uint8Array.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20),
      fromUrl(jwk.x ?? ''),
      Uint8Array.of(0x22, 0x58, 0x20),
      fromUrl(jwk.y ?? ''),
    );
    const credential = concat(new Uint8Array(16), Uint8Array.of(0, this.#id.length), this.#id, key);
    const data = concat(await this.#data(rp.id, HAS_CREDENTIAL), credential);
    // CBOR: {"fmt": "none", "attStmt": {}, "authData": bytes}
    const attestation = concat(
      Uint8Array.of(0xa3),
      cborText('fmt'),
      cborText('none'),
      cborText('attStmt'),
      Uint8Array.of(0xa0),
      cborText('authData'),
      Uint8Array.of(0x58, data.length),
      data,
    );
    return this.#credential({
      clientDataJSON: base64url(this.#clientData('webauthn.create', challenge)),
      attestationObject: base64url(attestation),
      transports: ['internal'],
    });
  }

  /** What `navigator.credentials.get` gives, as JSON. */
  async sign({ challenge, rpId }: RequestOptions): Promise<Record<string, unknown>> {
    const clientData = this.#clientData('webauthn.get', challenge);
    const data = await this.#data(rpId, 0);
    const raw = new Uint8Array(
      await crypto.subtle.sign(
        { name: 'ECDSA', hash: 'SHA-256' },
        this.#keys.privateKey,
        concat(data, await sha256(clientData)),
      ),
    );
    return this.#credential({
      clientDataJSON: base64url(clientData),
      authenticatorData: base64url(data),
      signature: base64url(derSignature(raw)),
    });
  }

  async #data(rpId: string, flags: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#counter += 1;
    const head = new DataView(new ArrayBuffer(5));
    head.setUint8(0, PRESENT | (this.verified ? VERIFIED : 0) | flags);
    head.setUint32(1, this.#counter);
    return concat(await sha256(rpId), new Uint8Array(head.buffer));
  }

  #clientData(type: string, challenge: string): Uint8Array<ArrayBuffer> {
    return utf8(JSON.stringify({ type, challenge, origin: this.#origin, crossOrigin: false }));
  }

  #credential(response: Record<string, unknown>): Record<string, unknown> {
    const id = base64url(this.#id);
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
  }
}

function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function cborText(text: string): Uint8Array<ArrayBuffer> {
  return concat(Uint8Array.of(0x60 + text.length), utf8(text));
}

function fromUrl(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
}

/** Two integers in DER, as WebAuthn wants an ECDSA signature; Web Crypto gives them side by side. */
function derSignature(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const integers = [raw.slice(0, 32), raw.slice(32)].map((bytes) => {
    let start = 0;
    while (start < 31 && bytes[start] === 0) start += 1;
    const trimmed = bytes.slice(start);
    const body = (trimmed[0] ?? 0) > 127 ? concat(Uint8Array.of(0), trimmed) : trimmed;
    return concat(Uint8Array.of(0x02, body.length), body);
  });
  const body = concat(...integers);
  return concat(Uint8Array.of(0x30, body.length), body);
}
