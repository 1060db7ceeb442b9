export const FILLED_WEBHOOK: string;
export function fillHistory(file: string, rows: number, options?: { isWhole?: boolean }): Promise<void>;
