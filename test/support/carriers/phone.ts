/** What the called phone does. */
export type PhoneScript =
  | {
      readonly kind: "answers";
      readonly afterMs?: number;
      /** The key that is pressed when somebody asks for one; undefined: none. @param said what was said last @param asked how often keys were asked for */
      readonly keys: (said: string, asked: number) => string | undefined | Promise<string | undefined>;
      /** Puts down the phone instead of waiting after so many questions. */
      readonly hangsUpAfter?: number;
    }
  | { readonly kind: "busy" | "no-answer" | "rings" }
  | { readonly kind: "fails"; readonly sipCode: number };

/** A request that a provider sends to us; what comes back. */
export type Deliver = (request: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<{ readonly status: number; readonly type: string; readonly body: string }>;

export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));
