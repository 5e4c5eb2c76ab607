import type { en } from "./en.ts";

/** The shape of the English words, with any text in their place. */
type Shape<T> = T extends string
  ? string
  : T extends (...args: infer Args) => string
    ? (...args: Args) => string
    : T extends readonly string[]
      ? readonly string[]
      : { readonly [K in keyof T]: Shape<T[K]> };

export type Words = Shape<typeof en>;
