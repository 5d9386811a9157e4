import type { Mail } from './mail.ts';

/** What a mail says, in parts; the same parts make its text and its HTML. */
export interface MailContent {
  readonly to: string;
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** The one thing to do, when there is one. */
  readonly action?: { readonly label: string; readonly url: string };
  /** Text to be typed elsewhere, shown large. */
  readonly code?: string;
  /** What to do when one did not ask for this. */
  readonly footer: string;
}

/** Puts a mail together. Pure. All text is escaped: names come from people. */
export function layOut({ to, subject, paragraphs, action, code, footer }: MailContent): Mail {
  const text = [
    ...paragraphs,
    ...(code === undefined ? [] : [code]),
    ...(action === undefined ? [] : [`${action.label}:\n${action.url}`]),
    footer,
    '– Parallax',
  ].join('\n\n');
  const blocks = [
    ...paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
    ...(code === undefined
      ? []
      : [`<p style="font-size:24px;font-family:monospace;letter-spacing:4px">${escapeHtml(code)}</p>`]),
    ...(action === undefined
      ? []
      : [`<p><a href="${escapeHtml(action.url)}">${escapeHtml(action.label)}</a></p>`]),
    `<p style="color:#666;font-size:13px">${escapeHtml(footer)}</p>`,
  ];
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head><body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:560px">${blocks.join('')}</body></html>`;
  return { to, subject: oneLine(subject), text, html };
}

/** A text inside HTML, attribute values included. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A header must not be able to begin another one. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ').slice(0, 200);
}
