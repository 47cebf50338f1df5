/**
 * The service's rules in memory, for one document. Tests/Web/service compares it with the service itself.
 */
export class MemoryServer {
    document;
    maxBody = 1_048_576;
    #writes = 0;

    /** As when Redis comes back without what it had. */
    flush() {
        this.document = undefined;
    }

    /** @returns what {@link restore} takes: documents are never changed in place */
    backup() {
        return this.document;
    }

    restore(backup) {
        this.document = backup;
    }

    /** @param {{method: string, fields: Record<string, string | undefined>, text?: string}} request names in lower case */
    handle({ method, fields, text }) {
        if (method === 'GET') return this.#read(fields);
        if (method === 'POST') return this.#save(fields, text);
        if (method === 'DELETE') return this.#delete(fields);
        throw new Error(method);
    }

    #read(fields) {
        if (!this.document) return problem(404, 'nothing-stored');
        if (this.#lists(fields['if-none-match'])) return { status: 304, fields: this.#tag() };
        return { status: 200, fields: this.#tag(), body: this.#view() };
    }

    #save(fields, text) {
        if (text.length > this.maxBody) return problem(413, 'body-too-large');
        const { version, state, lastModified = new Date(Date.now()).toISOString(), ancestry } = JSON.parse(text);
        const stored = this.document;
        const form = JSON.stringify(state);
        const saved = (more) => ({ status: 200, fields: this.#tag(), body: { success: true, serverVersion: version, ...more } });
        const isRepeated = stored?.version === version && stored.form === form;
        if (!this.#holds(fields)) return isRepeated ? saved() : this.#failed(fields);
        const isOlder = stored && (version < stored.version || (version === stored.version && Date.parse(lastModified) < Date.parse(stored.lastModified)));
        if (isRepeated) return saved();
        if (isOlder) {
            const current = fields.prefer ? { current: this.#view() } : {};
            return { status: 200, fields: {}, body: { success: false, serverVersion: stored.version, conflictResolution: 'server', ...current } };
        }
        this.#writes += 1;
        this.document = { version, state, form, lastModified, ancestry, etag: `w${this.#writes}` };
        return saved(stored && { conflictResolution: 'client' });
    }

    #delete(fields) {
        if (!this.#holds(fields)) return this.#failed(fields);
        const success = this.document !== undefined;
        this.document = undefined;
        return { status: 200, fields: {}, body: { success } };
    }

    #failed(fields) {
        const { status, body } = problem(412, 'precondition-failed');
        const current = this.document && fields.prefer ? { current: this.#view() } : {};
        return { status, fields: {}, body: { ...body, ...current } };
    }

    #holds(fields) {
        const match = fields['if-match'];
        const none = fields['if-none-match'];
        if (match !== undefined && !this.#lists(match)) return false;
        return none === undefined || !this.#lists(none);
    }

    #lists(field) {
        if (!this.document || field === undefined) return false;
        return field === '*' || field.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${this.document.etag}"`);
    }

    #tag() {
        return { ETag: `"${this.document.etag}"` };
    }

    #view() {
        const { form, ancestry, ...members } = this.document;
        return { ...members, ...(ancestry !== undefined && { ancestry }) };
    }
}

/** @param {number} status @param {string} type */
export const problem = (status, type) => ({
    status,
    fields: {},
    body: { type: `urn:problem-type:dashboard-state:${type}`, status },
});
