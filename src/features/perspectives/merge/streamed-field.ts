/**
 * Reads one text property of a JSON object while the object still streams, so that prose inside a structured answer can be shown as it is
 * written. Only a property of the outermost object counts; what stands before the object (a code fence, a greeting) is skipped.
 */
export class StreamedField {
  /** The object's text up to the field's value, once the value has begun; null until then. */
  prefix: string | null = null;
  /** The field's value as far as it is known, decoded. */
  value = '';
  /** Whether the value's closing quote has been read. */
  closed = false;

  readonly #field: string;
  #object = '';
  #depth = 0;
  #inString = false;
  #escape = '';
  #string = '';
  /** At depth 1: the last string was a name and its colon has been read. */
  #named = false;
  #reading = false;
  /** How much of the value has been given out. */
  #given = 0;

  constructor(field: string) {
    this.#field = field;
  }

  /** Takes the next piece of the reply and gives what it adds to the field's value. Never parts a surrogate pair. */
  push(piece: string): string {
    for (let at = 0; at < piece.length && !this.closed; at++) this.#take(piece.charAt(at));
    const settled = this.#settled();
    const added = this.value.slice(this.#given, settled);
    this.#given = settled;
    return added;
  }

  /** Length of the value without a half surrogate pair at its end. */
  #settled(): number {
    const { length } = this.value;
    const last = this.value.charCodeAt(length - 1);
    return !this.closed && last >= 0xd800 && last <= 0xdbff ? length - 1 : length;
  }

  #take(character: string): void {
    if (this.#reading) {
      this.#readValue(character);
      return;
    }
    if (this.#depth === 0 && character !== '{') return;
    if (this.#inString) {
      this.#object += character;
      this.#readString(character);
      return;
    }
    if (character === '"') {
      if (this.#depth === 1 && this.#named && this.#string === this.#field) {
        this.prefix = this.#object;
        this.#reading = true;
        return;
      }
      this.#inString = true;
      this.#string = '';
    } else if (character === '{' || character === '[') this.#depth++;
    else if (character === '}' || character === ']') this.#depth--;
    else if (character === ':' && this.#depth === 1) this.#named = true;
    else if (character === ',' && this.#depth === 1) this.#named = false;
    this.#object += character;
  }

  #readString(character: string): void {
    if (this.#escape !== '') {
      this.#escape = '';
      this.#string += character;
    } else if (character === '\\') this.#escape = character;
    else if (character === '"') this.#inString = false;
    else this.#string += character;
  }

  #readValue(character: string): void {
    if (this.#escape === '') {
      if (character === '"') this.closed = true;
      else if (character === '\\') this.#escape = character;
      else this.value += character;
      return;
    }
    this.#escape += character;
    if (this.#escape.startsWith('\\u')) {
      if (this.#escape.length < 6) return;
      const code = Number.parseInt(this.#escape.slice(2), 16);
      this.value += Number.isNaN(code) ? '\ufffd' : String.fromCharCode(code);
    } else {
      this.value += ESCAPES[character] ?? character;
    }
    this.#escape = '';
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
