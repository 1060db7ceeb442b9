/** What one endpoint is spared. */
export interface EndpointLimits {
  /** Requests at once. */
  connections: number;
  /** Requests a second; null: as many as there are. */
  perSecond: number | null;
  /** After so many failures in a row nothing goes out for a while; 0: never. */
  failures: number;
  /** For how long at first, in milliseconds; each failure after that doubles it, up to twenty times as long. */
  pauseMs: number;
}

const MOST_PAUSES = 20;
/** What a rate lets through at once: the share of a second. */
const BURST = 0.1;

/** What an ended attempt changes for the endpoint; null: nothing that was not so before. */
export type GateChange = { pausedForMs: number; failures: number } | 'resumed' | null;

/** Decides how many requests may go out to one endpoint, and when the next may. Time is in milliseconds. */
export class EndpointGate {
  #inFlight = 0;
  #failures = 0;
  #isOpen = true;
  #pauseMs: number;
  #pausedUntil = 0;
  #lastPauseMs = 0;
  /** When the rate lets the next one through. */
  #nextSlotAt = 0;
  readonly #limits: EndpointLimits;

  constructor(limits: EndpointLimits) {
    this.#limits = limits;
    this.#pauseMs = limits.pauseMs;
  }

  isPaused(nowMs: number): boolean {
    return nowMs < this.#pausedUntil;
  }

  /** How many may go out now. After a pause it is one at a time, until one is delivered. */
  free(nowMs: number): number {
    if (this.isPaused(nowMs)) return 0;
    return Math.max(0, Math.min(this.#connections() - this.#inFlight, this.#slots(nowMs)));
  }

  /** When the next may go out; never, as long as none of those under way ends. */
  freeAt(nowMs: number): number {
    if (this.#inFlight >= this.#connections()) return Number.POSITIVE_INFINITY;
    const slotAt = this.#limits.perSecond === null ? 0 : this.#nextSlotAt;
    return Math.max(nowMs, this.#pausedUntil, slotAt);
  }

  start(nowMs: number): void {
    this.#inFlight += 1;
    const { perSecond } = this.#limits;
    if (perSecond === null) return;
    const intervalMs = 1000 / perSecond;
    this.#nextSlotAt = Math.max(this.#nextSlotAt, nowMs - this.#saved() * intervalMs) + intervalMs;
  }

  /** It did not go out after all. */
  abandon(): void {
    this.#inFlight -= 1;
  }

  end(isDelivered: boolean, nowMs: number): GateChange {
    this.#inFlight -= 1;
    return isDelivered ? this.#recover() : this.#fail(nowMs);
  }

  #recover(): GateChange {
    const wasOpen = this.#isOpen;
    this.#failures = 0;
    this.#isOpen = true;
    this.#pausedUntil = 0;
    this.#lastPauseMs = 0;
    this.#pauseMs = this.#limits.pauseMs;
    return wasOpen ? null : 'resumed';
  }

  #fail(nowMs: number): GateChange {
    this.#failures += 1;
    const { failures: most, pauseMs } = this.#limits;
    // Others that were under way when the pause began end in it, and lengthen it no further.
    if (most === 0 || this.#failures < most || this.isPaused(nowMs)) return null;
    const pausedForMs = this.#pauseMs;
    const isNews = this.#lastPauseMs !== pausedForMs;
    this.#isOpen = false;
    this.#pausedUntil = nowMs + pausedForMs;
    this.#lastPauseMs = pausedForMs;
    this.#pauseMs = Math.min(2 * pausedForMs, MOST_PAUSES * pauseMs);
    return isNews ? { pausedForMs, failures: this.#failures } : null;
  }

  #connections(): number {
    return this.#isOpen ? this.#limits.connections : 1;
  }

  #slots(nowMs: number): number {
    const { perSecond } = this.#limits;
    if (perSecond === null) return Number.POSITIVE_INFINITY;
    const since = nowMs - this.#nextSlotAt;
    return since < 0 ? 0 : Math.min(Math.floor((since * perSecond) / 1000), this.#saved()) + 1;
  }

  /** Slots of a quiet time that are used later. */
  #saved(): number {
    return Math.floor((this.#limits.perSecond ?? 0) * BURST);
  }
}
