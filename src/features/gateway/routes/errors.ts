/** Statuses of errors that the gateway's operations answer besides those of every operation. */
export const GATEWAY_ERRORS = [402, 404, 502, 503, 504] as const;
