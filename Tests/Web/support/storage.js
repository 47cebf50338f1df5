/** A storage as browsers have it, with a limit that a test may set. */
export class MemoryStorage {
    entries = new Map();
    limit = Infinity;

    getItem(key) {
        return this.entries.get(key) ?? null;
    }

    setItem(key, text) {
        if (text.length > this.limit) throw new DOMException('full', 'QuotaExceededError');
        this.entries.set(key, text);
    }

    removeItem(key) {
        this.entries.delete(key);
    }
}
