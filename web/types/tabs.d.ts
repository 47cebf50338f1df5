/**
 * @param {string} name shared by the tabs that belong together
 * @param {(message: any) => void} receive
 */
export function createTabs(name: string, receive: (message: any) => void): {
    isPage: boolean;
    post: (message: object) => void;
    exclusively: <Result>(work: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;
    open(): void;
    close(): void;
};
