// As much of React's types as react.js needs, where the application has none of its own.
declare module 'react' {
    export function useCallback<F extends (...args: any[]) => any>(callback: F, dependencies: readonly unknown[]): F;
    export function useEffect(effect: () => void, dependencies: readonly unknown[]): void;
    export function useMemo<T>(make: () => T, dependencies: readonly unknown[]): T;
    export function useRef<T>(value: T): { current: T };
    export function useSyncExternalStore<T>(
        subscribe: (listener: () => void) => () => void,
        getSnapshot: () => T,
        getServerSnapshot?: () => T,
    ): T;
}
