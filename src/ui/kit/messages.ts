import { createContext, use } from "react";

/** The languages of the console. */
export type Language = "en" | "ja";

export const languages: readonly Language[] = ["en", "ja"];

/** Each language under its own name, as it stands in the language menu. */
export const languageNames: Readonly<Record<Language, string>> = { en: "English", ja: "日本語" };

type Text = string | ((parameters: never) => string);
type Widened<T> = { readonly [K in keyof T]: T[K] extends string ? string : T[K] };

/** One text in every language; a parameterised one is a function. */
export interface Messages<T> {
  readonly en: Widened<T>;
  readonly ja: Widened<T>;
}

/** Declares the texts of a screen. A key that Japanese lacks, or a parameter named differently, does not compile. */
export function defineMessages<T extends Readonly<Record<string, Text>>>(texts: {
  readonly en: T;
  readonly ja: NoInfer<Widened<T>>;
}): Messages<T> {
  // A literal type is narrower than the string it is widened to.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- T is assignable to Widened<T> by construction
  return { en: texts.en as Widened<T>, ja: texts.ja };
}

export interface LanguageChoice {
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
  /** Takes a language over, unless one was chosen in this browser. */
  readonly adopt: (language: Language) => void;
}

export const LanguageContext = createContext<LanguageChoice>({ language: "en", setLanguage: () => undefined, adopt: () => undefined });

export const useLanguage = (): LanguageChoice => use(LanguageContext);

/** The texts of `messages` in the language that is set. */
export const useMessages = <T>(messages: Messages<T>): Widened<T> => messages[useLanguage().language];

export const isLanguage = (value: unknown): value is Language => value === "en" || value === "ja";

/** The first language the browser asks for that the console speaks; English when there is none. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split("-")[0];
    if (isLanguage(primary)) return primary;
  }
  return "en";
}
