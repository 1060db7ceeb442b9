/** Items in the order in which they are due: a binary heap. */
export class DueQueue<Item> {
  readonly #heap: { dueMs: number; item: Item }[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** Of the first; infinite when there is none. */
  dueMs(): number {
    return this.#heap[0]?.dueMs ?? Infinity;
  }

  push(dueMs: number, item: Item): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push({ dueMs, item });
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#dueAt(parent) <= dueMs) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Takes the first out. Throws when there is none. */
  take(): Item {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) throw new Error('the queue is empty');
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink();
    }
    return first.item;
  }

  #sink(): void {
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const smaller = this.#dueAt(right) < this.#dueAt(left) ? right : left;
      if (this.#dueAt(at) <= this.#dueAt(smaller)) return;
      this.#swap(at, smaller);
      at = smaller;
    }
  }

  #dueAt(index: number): number {
    return this.#heap[index]?.dueMs ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    [heap[a], heap[b]] = [heap[b] as (typeof heap)[0], heap[a] as (typeof heap)[0]];
  }
}
