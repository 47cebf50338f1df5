/**
 * What a save says that is made from a document.
 * @param {Ancestor} base
 * @param {number} version the save's
 */
export function ancestryAfter(base: Ancestor, version: number): string;
/**
 * How a document stands to one that is known.
 * @param {Ancestor} base
 * @param {Ancestor} document
 * @returns {'successor' | 'ancestor' | 'stranger' | undefined} `ancestor`: the server has gone back to what the known one
 *   came from; nothing where this cannot be told
 */
export function kinship(base: Ancestor, document: Ancestor): 'successor' | 'ancestor' | 'stranger' | undefined;
/**
 * What a document says of those that it came from, in 64 characters: shortened entity tags of its last twelve ancestors, of
 * older ones at growing distances, and of the first one. By it a device tells a successor of what it knows from a document
 * that began elsewhere: after a flush or a restored backup, another device may already have gone on from an older one.
 */
export type Ancestor = {
    version: number;
    etag?: string;
    ancestry?: string;
};
