import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";

const nonceBytes = 12;
const tagBytes = 16;

/**
 * Seals secrets for the database with AES-256-GCM under a key that is derived from the server key (HKDF-SHA-256, RFC 5869), so that the
 * database alone, or a backup of it, gives none of them away. What a seal belongs to is authenticated with it: sealed bytes cannot be moved to another row.
 */
export class Seal {
  readonly #key: Buffer;
  readonly #unopened: string;

  /**
   * @param purpose each kind of secret has a key of its own, derived under this name; it never changes
   * @param unopened the sentence for a secret that cannot be opened
   */
  constructor(serverKey: Secret, purpose: string, unopened: string) {
    this.#key = Buffer.from(hkdfSync("sha256", serverKey.reveal(), "", purpose, 32));
    this.#unopened = unopened;
  }

  /** @param owner what the secret belongs to, such as the id of its row */
  seal(secret: Secret, owner: string): Buffer {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce).setAAD(Buffer.from(owner, "utf8"));
    return Buffer.concat([nonce, cipher.update(secret.reveal(), "utf8"), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws "storage-damaged" when it was sealed with another server key, for another owner, or changed */
  open(sealed: Uint8Array, owner: string): Secret {
    const bytes = Buffer.from(sealed);
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, nonceBytes))
        .setAAD(Buffer.from(owner, "utf8"))
        .setAuthTag(bytes.subarray(bytes.length - tagBytes));
      const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes)), decipher.final()]);
      return new Secret(text.toString("utf8"));
    } catch (error) {
      throw new HinobanError("storage-damaged", this.#unopened, { owner }, { cause: error });
    }
  }
}
