/**
 * Leaving without losing work.
 */
import { find } from './dom.js';
import { signOut } from './session.js';

/**
 * Asks what shall become of work that has not reached the server.
 * @returns {Promise<'keep' | 'discard' | undefined>} nothing where the user stays
 */
function ask() {
    const dialog = find('#sign-out-dialog', HTMLDialogElement);
    dialog.returnValue = '';
    dialog.showModal();
    return new Promise((resolve) => {
        const answered = () => {
            const { returnValue } = dialog;
            resolve(returnValue === 'keep' || returnValue === 'discard' ? returnValue : undefined);
        };
        dialog.addEventListener('close', answered, { once: true });
    });
}

/**
 * @param {import('../store.js').DashboardStore<import('./state.js').DashboardState>} store
 * @returns {Promise<boolean>} whether the user has gone
 */
export async function leave(store) {
    if (store.hasUnsyncedChanges) await store.syncToServer();
    const unsynced = store.hasUnsyncedChanges ? await ask() : 'keep';
    if (!unsynced) return false;
    await store.signOut({ unsynced });
    await signOut();
    return true;
}
