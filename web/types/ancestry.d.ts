/**
 * What a save says that is made from a document.
 * @param {Ancestor} base
 * @param {number} version the save's
 * @param {string} [left] instead of what the document says
 */
export function ancestryAfter(base: Ancestor, version: number, left?: string | undefined): string;
/**
 * A document of the server's as it is gone on from here. Where the server has lost what came of it, all that comes of it from
 * here on says so: a device that knows what was lost may look again when no ancestor is told of any more that tells them apart.
 * @template {Ancestor} Known
 * @param {Known} document
 * @param {Ancestor} [base] what was known before; nothing where the server has lost all
 * @returns {Known}
 */
export function inherit<Known extends Ancestor>(document: Known, base?: Ancestor | undefined): Known;
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
 * older ones at growing distances, of the first one, and of the one that was left when the server had last lost others. By it a
 * device tells a successor of what it knows from a document that began elsewhere: after a flush or a restored backup, another
 * device may already have gone on from an older one, and far beyond.
 */
export type Ancestor = {
    version: number;
    etag?: string;
    ancestry?: string;
};
