/** BullMQ's priority of a mailed invoice: whatever people of its tenant upload, then or later, has none and goes first. */
export const mailedPriority = 10
