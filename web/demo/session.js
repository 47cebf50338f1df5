/**
 * Talks with the sample sign-in. Its cookie with the session is not for pages to read; beside it, it sets one with the
 * user's name, and one that says that the server plays dead for this browser.
 *
 * @typedef {{user: string, workspace: string}} Account
 */

/**
 * Everybody may know these: they are the sample sign-in's.
 * @type {Record<string, string>}
 */
const PASSWORDS = { alice: 'wonderland', bob: 'builder' };

/** @param {string} name */
const cookie = (name) =>
    document.cookie
        .split('; ')
        .find((pair) => pair.startsWith(`${name}=`))
        ?.slice(name.length + 1) ?? '';

/** Whose session this browser has; a tab may have changed it since. */
export const sessionUser = () => cookie('sample_user');

/** Whether the server plays dead. */
export const isServerOffline = () => cookie('sample_offline') !== '';

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
async function post(path, options) {
    const response = await fetch(path, { ...options, method: 'POST' });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
}

/** @returns {Promise<Account | undefined>} nothing where nobody is signed in */
export async function whoAmI() {
    // Without a session the answer would be 401, and the browser would note an error.
    if (!sessionUser()) return undefined;
    const response = await fetch('/demo/me');
    if (response.status === 401) return undefined;
    if (!response.ok) throw new Error(`/demo/me answered ${response.status}`);
    return response.json();
}

/** @param {string} user */
export const signIn = (user) =>
    post('/demo/sign-in', { headers: { Authorization: `Basic ${btoa(`${user}:${PASSWORDS[user]}`)}` } });

export const signOut = () => post('/demo/sign-out');

/** @param {boolean} offline */
export const setServerOffline = (offline) => post(offline ? '/demo/offline' : '/demo/online');
