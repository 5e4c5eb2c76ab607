import type { Millis } from "#base/duration";

/** One GET of an address that somebody typed. */
export interface PageRequest {
  /** http or https. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole of it: name, connection, answer. */
  readonly timeout: Millis;
  /** Most bytes of the page, after inflating. */
  readonly mostBytes: number;
  /** Whether the certificate of an https address must be valid. */
  readonly verifiesTls: boolean;
}

/** What came back, whatever its status; redirects are not followed. */
export interface Page {
  readonly status: number;
  /** Header Content-Type; empty when there was none. */
  readonly contentType: string;
  readonly text: string;
}

/** Reads pages in the customer's network on behalf of people: within limits, and not from where it must not. */
export interface PageReader {
  /**
   * @throws HinobanError "invalid-input" for a URL that is none or an address that is not allowed; "unavailable" when it cannot be
   * reached or its certificate is not valid; "timeout"; "too-large"
   */
  read(request: PageRequest): Promise<Page>;
}
