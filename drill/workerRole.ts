/** Whom the workers log in as, so that an operator's changes to it leave the drill's own connections alone. */
export const workerRole = { user: "drill", password: "drill" } as const
