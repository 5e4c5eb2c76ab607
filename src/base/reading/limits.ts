/** What open_jtalk reads of one line: it silently drops what comes after its 1,023rd byte, which is its 340th kana. */
export const mostBytes = 1000;
export const mostCharacters = 290;
