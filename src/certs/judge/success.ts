/** What the vendor counts as success. */
export interface SuccessRule {
  statuses: '2xx' | readonly number[];
  /** `Mailkit: HTTP 200`, as a person reads it. */
  text: string;
}

export function isSuccess(status: number | null, { statuses }: SuccessRule): boolean {
  if (status === null) return false;
  return statuses === '2xx' ? status >= 200 && status < 300 : statuses.includes(status);
}
