/**
 * What a function gives, and nothing where it throws.
 * @template Result
 * @param {() => Result} use
 * @returns {Result | undefined}
 */
export function attempt<Result>(use: () => Result): Result | undefined;
