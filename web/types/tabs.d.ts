/**
 * @param {string} name shared by the tabs that belong together
 * @param {string} key under which they store what they have in common
 * @param {import('./persistence.js').KeyValueStorage | undefined} storage `localStorage` unless given
 * @param {(message: any) => void} receive
 */
export function createTabs(name: string, key: string, storage: import('./persistence.js').KeyValueStorage | undefined, receive: (message: any) => void): {
    isPage: boolean;
    post: (message: object) => void;
    exclusively: <Result>(work: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;
    open(): void;
    close(): void;
};
