import { HinobanError, type ErrorCode } from "#base/errors";

/** The languages of the command line: Japanese where the locale says so, else English. */
export const languages = ["en", "ja"] as const;
export type Language = (typeof languages)[number];

/** One sentence in both languages. */
export interface Text {
  readonly en: string;
  readonly ja: string;
}

/** What the process says to its caller; docs/guide tells them, and no other number is used. */
export const exitCodes = {
  /** All is done. */
  done: 0,
  /** The server refused it, or something of it could not be done. */
  failed: 1,
  /** The command was typed wrong; nothing was sent. */
  usage: 2,
  /** No API key, an unknown one, or one without the right. */
  refused: 3,
  /** The server could not be reached, or could not answer. */
  unreachable: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A failure that is told in the user's language, and the number that the process ends with. */
export class CliFailure extends HinobanError {
  readonly text: Text;
  readonly exit: ExitCode;

  constructor(text: Text, exit: ExitCode = exitCodes.failed, code: ErrorCode = "bad-request", options?: { cause?: unknown }) {
    super(code, text.en, {}, options);
    this.text = text;
    this.exit = exit;
  }
}

/** The command was typed wrong: says which word, and what would be right. */
export const usageError = (en: string, ja: string): CliFailure => new CliFailure({ en, ja }, exitCodes.usage, "invalid-input");

/** A sentence of the server or the system, which has no translation. */
export const plain = (text: string): Text => ({ en: text, ja: text });
