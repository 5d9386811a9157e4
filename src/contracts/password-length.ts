/** How long a password that is being chosen must and may be. Apart from the schemas, so that a page need not bring them all. */
export const MIN_PASSWORD_LENGTH = 10;
export const MAX_PASSWORD_LENGTH = 128;
