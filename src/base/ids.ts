const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Length of an id: 11 characters of 58 hold 64.4 bits, and look like the ids that Mackerel's clients know. */
export const idLength = 11;

/** A new opaque random id of 11 characters, no look-alike letters. Uniform: bytes above the last full multiple of 58 are thrown away. */
export function newId(): string {
  let id = "";
  const bytes = new Uint8Array(32);
  while (id.length < idLength) {
    crypto.getRandomValues(bytes);
    for (const byte of bytes) {
      if (byte < 232 && id.length < idLength) id += alphabet.charAt(byte % 58);
    }
  }
  return id;
}

const pattern = new RegExp(`^[${alphabet}]{${idLength}}$`, "u");

export const isId = (text: string): boolean => pattern.test(text);
