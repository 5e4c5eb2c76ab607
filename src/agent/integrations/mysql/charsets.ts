/*
 * Stands for iconv-lite in the agent's bundle. The driver asks it for charsets that Node's Buffer does not have, and its tables are half a megabyte
 * that every agent would hold in memory, whether it watches a MySQL or not. We ask the server for UTF-8; what comes in another charset all the
 * same is decoded by the runtime's own tables.
 */

interface Decoder {
  write(bytes: Uint8Array): string;
  end(): string | undefined;
}

/** A decoder of a charset by its usual name; an unknown one gives UTF-8. */
export function getDecoder(charset: string): Decoder {
  const decoder = decoderOf(charset);
  return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() };
}

function decoderOf(charset: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

/** An encoder, which writes UTF-8 whatever was asked for: all that we send is ASCII. */
export const getEncoder = (): { write(text: string): Buffer; end(): undefined } => ({
  write: (text) => Buffer.from(text, "utf8"),
  end: () => undefined,
});
