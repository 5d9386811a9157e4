/** What floats: menus, lists of choices, dialogs. Only these have a shadow. */
export const FLOATING =
  'rounded-lg border border-line-2 bg-float p-1 text-text shadow-float outline-none transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0';
