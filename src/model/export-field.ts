/**
 * The columns of an export, in their order: one row per attempt. The only list: flags, headers,
 * history's columns and the documentation derive from it.
 */
export const EXPORT_FIELDS = [
  'timestamp',
  'webhookUuid',
  'deliveryId',
  'attempt',
  'direction',
  'vendor',
  'event',
  'eventId',
  'url',
  'outcome',
  'status',
  'errorCode',
  'error',
  'durationMs',
  'requestBytes',
  'responseBytes',
  'remoteAddress',
] as const;

/** Added by `--include-bodies`, in base64: bodies are bytes, not always text. */
export const BODY_FIELDS = ['requestBody', 'responseBody'] as const;

export type ExportField = (typeof EXPORT_FIELDS)[number] | (typeof BODY_FIELDS)[number];
