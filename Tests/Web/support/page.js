/** As much of a page as the client looks at: it can be hidden, shown, focused and come online again. */
export class Page {
    #window = new EventTarget();
    #document = Object.assign(new EventTarget(), { hidden: false });

    constructor() {
        globalThis.document = this.#document;
        globalThis.addEventListener = this.#window.addEventListener.bind(this.#window);
    }

    hide() {
        this.#document.hidden = true;
        this.#document.dispatchEvent(new Event('visibilitychange'));
    }

    leave() {
        this.#window.dispatchEvent(new Event('pagehide'));
    }

    show() {
        this.#document.hidden = false;
        this.#document.dispatchEvent(new Event('visibilitychange'));
    }

    focus() {
        this.#window.dispatchEvent(new Event('focus'));
    }

    comeOnline() {
        this.#window.dispatchEvent(new Event('online'));
    }

    close() {
        delete globalThis.document;
        delete globalThis.addEventListener;
    }
}
