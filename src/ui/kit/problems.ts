import { CallError } from "#kit/call";
import { kitMessages } from "#kit/kit-messages";
import { useMessages, type Messages } from "#kit/messages";

type KitTexts = typeof kitMessages extends Messages<infer T> ? Messages<T>["en"] : never;
type PlainKey = { [K in keyof KitTexts]: KitTexts[K] extends string ? K : never }[keyof KitTexts];

/** Codes of src/base/errors.ts whose sentence is the same wherever they happen. */
const byCode: Readonly<Record<string, PlainKey>> = {
  unreachable: "errorUnreachable",
  unavailable: "errorUnreachable",
  timeout: "errorUnreachable",
  forbidden: "errorForbidden",
  "not-found": "errorNotFound",
  "too-many-requests": "errorTooMany",
  internal: "errorServer",
  "storage-damaged": "errorServer",
  "storage-full": "errorStorageFull",
  "csrf-mismatch": "errorCsrf",
  "too-large": "errorTooLarge",
  unauthenticated: "errorSignedOut",
  "session-expired": "errorSignedOut",
};

/** The sentence for a person about anything thrown, in the language that is set; the server's own words where only those tell enough. */
export function problemText(error: unknown, texts: KitTexts): string {
  if (!(error instanceof CallError)) return texts.errorServer;
  const key = isShutOut(error) ? "errorShutOut" : byCode[error.code];
  return key === undefined ? error.message : texts[key];
}

/** Whoever comes from a network that the organisation does not let in is no less allowed, only elsewhere. */
const isShutOut = ({ code, message }: CallError): boolean => code === "forbidden" && message.includes("may not be used from this address");

export function useProblemText(): (error: unknown) => string {
  const texts = useMessages(kitMessages);
  return (error) => problemText(error, texts);
}
