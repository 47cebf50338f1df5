/**
 * Notices of what was lost to another device, with a way back.
 *
 * @typedef {import('./state.js').DashboardState} DashboardState
 */
import { conflictTexts, undoText } from './conflict-words.js';
import { announce, find, fromTemplate, html, setText } from './dom.js';

/** @param {import('../store.js').DashboardStore<DashboardState>} store */
export function createConflictView(store) {
    const list = find('#conflicts', HTMLElement);
    /** @type {Map<string, HTMLElement>} */
    const notices = new Map();

    /** @param {import('../record.js').Conflict} conflict */
    function create(conflict) {
        const notice = fromTemplate('#conflict-template');
        notice.dataset['id'] = conflict.id;
        const texts = conflictTexts(conflict, store.getState());
        find('ul', HTMLElement, notice).append(...texts.map((text) => html('li', '', text)));
        const undo = find('.undo', HTMLButtonElement, notice);
        setText(undo, undoText(conflict));
        undo.addEventListener('click', () => {
            store.restoreLost(conflict.id);
            announce('Yours is back.');
        });
        find('.dismiss', HTMLButtonElement, notice).addEventListener('click', () => store.dismissConflict(conflict.id));
        return notice;
    }

    return {
        render() {
            const { conflicts } = store;
            for (const [id, notice] of notices) {
                if (conflicts.some((conflict) => conflict.id === id)) continue;
                // The focus goes on to what comes next instead of getting lost.
                if (notice.contains(document.activeElement)) find('#grid-heading', HTMLElement).focus();
                notice.remove();
                notices.delete(id);
            }
            for (const conflict of conflicts) {
                if (notices.has(conflict.id)) continue;
                const notice = create(conflict);
                notices.set(conflict.id, notice);
                list.prepend(notice);
            }
        },
        clear() {
            for (const notice of notices.values()) notice.remove();
            notices.clear();
        },
    };
}
