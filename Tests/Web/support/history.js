import assert from 'node:assert/strict';

/**
 * What devices have done to a state whose values are tokens, each used once. A token may be gone in the end only if
 * somebody who saw it has overwritten or removed it, or if it, or what overwrote it, was reported as lost.
 */
export class History {
    #count = 0;
    /** Each token and what was made of it by those who saw it. */
    #successors = new Map();
    #reported = new Set();

    token() {
        const token = `t${(this.#count += 1)}`;
        this.#successors.set(token, new Set());
        return token;
    }

    overwrite(seen, token) {
        this.#successors.get(seen)?.add(token);
    }

    /** The removal of an element is a token of its own, which stands for its absence. */
    remove(element) {
        const removal = `removed ${element.id}`;
        if (!this.#successors.has(removal)) this.#successors.set(removal, new Set());
        for (const token of Object.values(element)) this.overwrite(token, removal);
    }

    report(conflicts) {
        for (const { items } of conflicts) {
            for (const { path, lost } of items) {
                const last = path.at(-1);
                if (last?.order) continue;
                if (lost === undefined && typeof last === 'object') this.#reported.add(`removed ${last.id}`);
                JSON.stringify(lost ?? null, (_, value) => (typeof value === 'string' && this.#reported.add(value), value));
            }
        }
    }

    /** @param {{withoutRemovals?: boolean}} [how] an old copy that comes back may undo removals */
    check(state, { withoutRemovals = false } = {}) {
        const present = new Set();
        JSON.stringify(state, (_, value) => (typeof value === 'string' && present.add(value), value));
        const isThere = (token) =>
            token.startsWith('removed ') ? withoutRemovals || !present.has(token.slice('removed '.length)) : present.has(token);
        // What is taken back is its own successor's successor.
        const survives = (token, seen = new Set()) => {
            if (isThere(token) || this.#reported.has(token)) return true;
            if (seen.has(token)) return false;
            seen.add(token);
            return [...this.#successors.get(token)].some((next) => survives(next, seen));
        };
        const vanished = [...this.#successors.keys()].filter((token) => !survives(token));
        assert.deepEqual(vanished, [], `vanished, of ${this.#count} tokens, ${this.#reported.size} reported`);
        return { tokens: this.#count, reported: this.#reported.size };
    }
}
