/** A list with more entries than MOST shows only the first FEW, until the user wants them all. */
const MOST = 8;
const FEW = 3;

/**
 * What of a list is shown.
 *
 * @param {Array} list
 * @param {Boolean} whole whether the user wants all of it
 * @returns {{shown: Array, more: Number}} how many are not shown
 */
export function fold(list, whole) {
    const shown = whole || list.length <= MOST ? list : list.slice(0, FEW);
    return { shown, more: list.length - shown.length };
}
