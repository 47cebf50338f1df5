/**
 * Notices of what was lost to another device, with a way back for each place, and marks on the widgets that they are about.
 *
 * @typedef {import('./state.js').DashboardState} DashboardState
 * @typedef {import('../record.js').Conflict} Conflict
 */
import { conflictPlaces, conflictTitle, conflictWidgets, undoText } from './conflict-words.js';
import { announce, find, fromTemplate, html, isPhone, setText } from './dom.js';

/**
 * @param {import('../store.js').DashboardStore<DashboardState>} store
 * @param {ReturnType<typeof import('./widgets-view.js').createWidgetsView>} view
 */
export function createConflictView(store, view) {
    const list = find('#conflicts', HTMLElement);
    /** @type {Map<string, {notice: HTMLElement, told: string}>} */
    const notices = new Map();

    /** @param {string} id */
    function show(id) {
        const element = view.elementOf(id);
        element?.focus({ preventScroll: true });
        element?.scrollIntoView({ block: 'center' });
    }

    /**
     * @param {Conflict} conflict
     * @param {import('./conflict-words.js').Place} place
     * @param {boolean} isNamed whether it says whose place it is; the first one of each widget does
     */
    function placeItem(conflict, { subject, widget, what, text, items }, isNamed) {
        const name = html('button', 'link', subject);
        name.setAttribute('aria-label', `Show ${subject}`);
        name.addEventListener('click', () => show(widget ?? ''));
        const undo = html('button', 'button', 'Undo');
        undo.dataset['testid'] = 'conflict-undo-one';
        undo.setAttribute('aria-label', `Undo: ${what} of ${subject}`);
        undo.addEventListener('click', () => {
            for (const item of items) store.restoreLost(conflict.id, item);
            announce(`${text.split(':')[0]} is yours again.`);
        });
        for (const button of [name, undo]) button.setAttribute('type', 'button');
        const isShown = widget !== undefined && view.elementOf(widget) !== undefined;
        const names = isNamed ? [isShown ? name : html('b', '', subject)] : [];
        return html('li', isNamed ? 'named' : '', html('div', '', ...names, html('span', '', text)), undo);
    }

    /** @param {Conflict} conflict */
    function create(conflict) {
        const notice = fromTemplate('#conflict-template');
        notice.dataset['id'] = conflict.id;
        find('details', HTMLDetailsElement, notice).open = !isPhone();
        find('.undo', HTMLButtonElement, notice).addEventListener('click', () => {
            store.restoreLost(conflict.id);
            announce('Yours is back.');
        });
        find('.dismiss', HTMLButtonElement, notice).addEventListener('click', () => store.dismissConflict(conflict.id));
        list.prepend(notice);
        return notice;
    }

    /** @param {Conflict} conflict */
    function update(conflict) {
        const places = conflictPlaces(conflict, store.getState());
        const told = JSON.stringify(places.map(({ subject, widget, text }) => [subject, text, widget && view.elementOf(widget) !== undefined]));
        const known = notices.get(conflict.id);
        if (known?.told === told) return;
        const notice = known?.notice ?? create(conflict);
        notices.set(conflict.id, { notice, told });
        const isUsed = notice.contains(document.activeElement);
        setText(find('summary', HTMLElement, notice), conflictTitle(places));
        find('ul', HTMLElement, notice).replaceChildren(
            ...places.map((place, index) => placeItem(conflict, place, place.subject !== places[index - 1]?.subject)),
        );
        setText(find('.undo', HTMLButtonElement, notice), undoText(conflict, places.length));
        // The button that was pressed is gone: the focus stays beside it.
        if (isUsed && !notice.contains(document.activeElement)) find('summary', HTMLElement, notice).focus();
    }

    return {
        render() {
            const { conflicts } = store;
            for (const [id, { notice }] of notices) {
                if (conflicts.some((conflict) => conflict.id === id)) continue;
                // The focus goes on to what comes next instead of getting lost.
                if (notice.contains(document.activeElement)) find('#grid-heading', HTMLElement).focus();
                notice.remove();
                notices.delete(id);
            }
            for (const conflict of conflicts) update(conflict);
            view.mark(conflictWidgets(conflicts));
        },
        clear() {
            for (const { notice } of notices.values()) notice.remove();
            notices.clear();
        },
    };
}
