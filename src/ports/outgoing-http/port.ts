import type { Millis } from "#base/duration";

/** One request to an address that somebody typed. */
export interface OutgoingRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** http or https. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For the whole of it: name, connection, answer. */
  readonly timeout: Millis;
  /** Until the connection stands; the whole time when absent. */
  readonly connectTimeout?: Millis;
  /** Most bytes of the answer, after inflating. */
  readonly mostBytes: number;
  /** Whether the certificate of an https address must be valid; yes when absent. */
  readonly verifiesTls?: boolean;
}

/** What came back, whatever its status. */
export interface OutgoingResponse {
  readonly status: number;
  /** Names in lower case; of several values the first. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  /** The bytes as UTF-8. */
  readonly text: string;
}

/** Whether the far side may have got a request that failed: `before`: certainly not; `after`: nobody knows. */
export type FailedWhen = "before" | "after";

/**
 * Sends requests to addresses that people typed, within limits, and not to where it must not. Redirects are followed only to the same
 * host, and only when the request can be repeated as it is (GET, or 307 and 308).
 */
export interface OutgoingHttp {
  /**
   * @throws HinobanError "invalid-input" for a URL that is none, an address that is not allowed or a redirect that is not followed;
   * "unavailable" when it cannot be reached or its certificate is not valid; "timeout"; "too-large". The fact `sent` is {@link FailedWhen}.
   */
  send(request: OutgoingRequest): Promise<OutgoingResponse>;
}
