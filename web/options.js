import { checkJson } from './json.js';
import { isObject } from './paths.js';

/**
 * Looks at what an application gives, before anything is made of it.
 */

/**
 * @param {boolean} isRight
 * @param {string} message what to do
 */
function must(isRight, message) {
    if (!isRight) throw new TypeError(message);
}

/** @param {any} value */
const isTime = (value) => value === undefined || (Number.isFinite(value) && value >= 0);

/**
 * Ids as the service takes them: 1 to 256 bytes without control characters.
 * @param {any} id
 */
function isId(id) {
    if (typeof id !== 'string' || id === '' || /[\u0000-\u001f\u007f-\u009f]/.test(id)) return false;
    // Half a surrogate pair has no UTF-8: it would come back as another character.
    const bytes = new TextEncoder().encode(id);
    return bytes.length <= 256 && new TextDecoder().decode(bytes) === id;
}

/** @param {any} path */
const isPath = (path) => {
    const names = typeof path === 'string' ? path.split('.') : path;
    return Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string' && name !== '');
};

/** @param {any} paths */
const arePaths = (paths) => paths === undefined || (Array.isArray(paths) && paths.every(isPath));

/** @param {any} url */
function isUrl(url) {
    try {
        return typeof url === 'string' && Boolean(new URL(url, 'http://localhost/'));
    } catch {
        return false;
    }
}

/**
 * @param {import('./client.js').ClientOptions} options
 * @throws {TypeError}
 */
export function checkClientOptions(options) {
    must(isObject(options), 'createDashboardStateClient takes an object with options, or nothing');
    const { baseUrl, fetch, workspace, timeout, retries } = /** @type {any} */ (options);
    must(baseUrl === undefined || isUrl(baseUrl), 'baseUrl must be an address or a path, such as /api/dashboard');
    must(fetch === undefined || typeof fetch === 'function', 'fetch must be a function');
    must(workspace === undefined || isId(workspace), 'workspace must be a text of 1 to 256 bytes without control characters');
    must(timeout === undefined || (Number.isFinite(timeout) && timeout > 0), 'timeout must be a number of ms above 0');
    must(retries === undefined || (Number.isSafeInteger(retries) && retries >= 0), 'retries must be an integer from 0');
}

/**
 * @param {import('./store.js').StoreOptions<any>} options
 * @throws {TypeError}
 */
export function checkStoreOptions(options) {
    must(isObject(options), 'createDashboardStore takes an object with options');
    const { client, user, workspace, initialState, significantPaths, localPaths, debounce, staleAfter } = options;
    const { conflictPolicy, schemaVersion, migrate, storage, namespace } = /** @type {any} */ (options);
    must(typeof client?.getDashboardState === 'function', 'client must be what createDashboardStateClient() gives');
    for (const [name, id] of Object.entries({ user, workspace })) {
        must(isId(id), `${name} must be a text of 1 to 256 bytes without control characters: who is signed in, as the web server tells the service`);
    }
    must(isObject(initialState), 'initialState must be an object: the state before anything is restored, such as {widgets: []}');
    checkJson(initialState, 'initialState');
    for (const [name, paths] of Object.entries({ significantPaths, localPaths })) {
        must(arePaths(paths), `${name} must be a list of paths, such as ['widgets', 'filters.date', ['name.with.dots', 'x']]`);
    }
    for (const [name, ms] of Object.entries({ debounce, staleAfter })) must(isTime(ms), `${name} must be a number of ms from 0`);
    must(
        conflictPolicy === undefined || ['server', 'client'].includes(conflictPolicy) || typeof conflictPolicy === 'function',
        "conflictPolicy must be 'server', 'client' or a function that gives the value",
    );
    must(schemaVersion === undefined || (Number.isSafeInteger(schemaVersion) && schemaVersion >= 0), 'schemaVersion must be an integer from 0');
    must(migrate === undefined || typeof migrate === 'function', 'migrate must be a function (state, from) that gives the state');
    const isStorage = storage === undefined || ['getItem', 'setItem', 'removeItem'].every((name) => typeof storage?.[name] === 'function');
    must(isStorage, 'storage must have getItem, setItem and removeItem, as localStorage has');
    must(namespace === undefined || typeof namespace === 'string', 'namespace must be a text');
}
