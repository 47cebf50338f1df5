/**
 * The other tabs of the same user: BroadcastChannel tells them what changes here, and a Web Lock lets one of them speak
 * with the server at a time. Where a browser has neither (an insecure page has no locks), each tab is on its own, and the
 * server's preconditions keep them from harm.
 *
 * @param {string} name shared by the tabs that belong together
 * @param {(message: any) => void} receive
 */
export function createTabs(name: string, receive: (message: any) => void): {
    /** @param {object} message */
    post: (message: object) => void | undefined;
    /**
     * Runs something while no other tab does.
     * @template Result
     * @param {() => Promise<Result>} work never rejects
     * @returns {Promise<Result>}
     */
    exclusively: <Result>(work: () => Promise<Result>) => Promise<Result>;
    close: () => void | undefined;
};
