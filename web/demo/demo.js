/**
 * Starts the page: the dashboard where somebody is signed in, the sign-in otherwise.
 */
import { openDashboard } from './dashboard.js';
import { device, otherDevice } from './device.js';
import { announce, find, setText } from './dom.js';
import { sessionUser, signIn, whoAmI } from './session.js';
import { leave } from './sign-out.js';
import { showSyncState } from './sync-view.js';

/** @type {ReturnType<typeof openDashboard> | undefined} */
let dashboard;
/** How often it has started: what another start has overtaken ends. */
let turns = 0;
/** Tells the other tabs that somebody has come or gone. */
const sessions = new BroadcastChannel('demo-session');

async function start() {
    dashboard?.close();
    dashboard = undefined;
    turns += 1;
    const turn = turns;
    const account = await whoAmI();
    if (turn !== turns) return;
    find('#sign-in', HTMLElement).hidden = account !== undefined;
    for (const element of document.querySelectorAll('[data-signed-in]')) /** @type {HTMLElement} */ (element).hidden = !account;
    if (account) {
        const name = account.user.slice(0, 1).toUpperCase() + account.user.slice(1);
        setText(find('#user', HTMLElement), name);
        setText(find('#face', HTMLElement), name.slice(0, 1));
        dashboard = openDashboard(account);
    } else showSyncState('signed-out', 'Signed out');
    document.body.dataset['ready'] = '';
}

/**
 * Does something that needs the server, and says so where it fails.
 * @param {() => Promise<void>} work
 */
async function attempt(work) {
    const failure = find('#failure', HTMLElement);
    try {
        await work();
        failure.hidden = true;
    } catch {
        setText(find('p', HTMLElement, failure), 'The sign-in did not answer. Is the server running?');
        failure.hidden = false;
        document.body.dataset['ready'] = '';
    }
}

/** @param {string} user */
const enter = (user) =>
    attempt(async () => {
        await signIn(user);
        sessions.postMessage('in');
        await start();
        find('#grid-heading', HTMLElement).focus();
        announce('You are signed in.');
    });

for (const button of document.querySelectorAll('[data-user]')) {
    button.addEventListener('click', () => enter(/** @type {HTMLElement} */ (button).dataset['user'] ?? ''));
}
find('#sign-out', HTMLButtonElement).addEventListener('click', () =>
    attempt(async () => {
        if (!dashboard || !(await leave(dashboard.store))) return;
        sessions.postMessage('out');
        await start();
        find('#sign-in h1', HTMLElement).focus();
        announce('You are signed out.');
    }),
);
find('#failure-again', HTMLButtonElement).addEventListener('click', () => attempt(start));

/** Another tab may have signed in or out: all share the cookies. */
function follow() {
    if (sessionUser() !== (dashboard?.user ?? '')) attempt(start);
}
sessions.addEventListener('message', async ({ data }) => {
    // Gone on this device too, but for work that only it has.
    if (data === 'out') await dashboard?.store.signOut({ unsynced: 'keep' });
    follow();
});
addEventListener('focus', follow);

setText(find('#device', HTMLElement), `Device ${device}`);
document.documentElement.dataset['device'] = String(device);
const link = find('#other-device', HTMLAnchorElement);
link.href = otherDevice.href;
setText(find('span', HTMLElement, link), otherDevice.number === 2 ? 'Open a second device' : 'Open the first device');
attempt(start);
