/**
 * Header fields that are asked for of every mail: who, when and what for the log; the others tell automatic mail and
 * bounces (RFC 3834, RFC 2076, RFC 2369 and what Microsoft, Exim and qmail write).
 */
export const headerFields = [
  "From",
  "Sender",
  "Reply-To",
  "To",
  "Subject",
  "Date",
  "Message-ID",
  "Return-Path",
  "Content-Type",
  "Auto-Submitted",
  "Precedence",
  "List-Id",
  "List-Unsubscribe",
  "X-Autoreply",
  "X-Autorespond",
  "X-Auto-Response-Suppress",
  "X-Failed-Recipients",
  "X-Loop",
  "Feedback-ID"
] as const
