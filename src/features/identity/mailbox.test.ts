import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mailboxOf } from './mailbox.ts';

describe('the mailbox of an address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    [' Ada@Example.COM. ', 'ada@example.com'],
    ['ada+one@example.com', 'ada@example.com'],
    ['ada+one+two@example.com', 'ada@example.com'],
    ['a.d.a+x@gmail.com', 'ada@gmail.com'],
    ['a.da@googlemail.com', 'ada@gmail.com'],
    // Elsewhere a dot makes another mailbox.
    ['a.da@example.com', 'a.da@example.com'],
    ['+x@example.com', '+x@example.com'],
    ['nothing', 'nothing'],
  ])('of %s is %s', (email, mailbox) => expect(mailboxOf(email)).toBe(mailbox));

  it('of a mailbox is itself, and no tag or case changes it', () => {
    const word = fc.stringMatching(/^[a-z][a-z.]{0,8}$/);
    fc.assert(
      fc.property(word, word, fc.constantFrom('gmail.com', 'example.com'), (name, tag, domain) => {
        const mailbox = mailboxOf(`${name}@${domain}`);
        expect(mailboxOf(mailbox)).toBe(mailbox);
        expect(mailboxOf(`${name.toUpperCase()}+${tag}@${domain}`)).toBe(mailbox);
      }),
    );
  });
});
