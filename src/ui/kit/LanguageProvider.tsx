import { useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import { isLanguage, LanguageContext, preferredLanguage, type Language } from "#kit/messages";

const storageKey = "hinoban.language";

/** Reads a remembered value; a browser that forbids storage simply remembers nothing. */
function remembered(): Language | undefined {
  try {
    const value = localStorage.getItem(storageKey);
    return isLanguage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function remember(language: Language): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // Storage is forbidden or full: the choice holds until the page is left.
  }
}

/** Holds the language of the console: the remembered one, else the browser's. */
export function LanguageProvider({ initial, children }: { readonly initial?: Language; readonly children: ReactNode }) {
  const [language, choose] = useState<Language>(() => initial ?? remembered() ?? preferredLanguage(navigator.languages));
  const setLanguage = useCallback((next: Language) => {
    remember(next);
    choose(next);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const adopt = useCallback((wanted: Language) => {
    if (remembered() === undefined) choose(wanted);
  }, []);
  const value = useMemo(() => ({ language, setLanguage, adopt }), [language, setLanguage, adopt]);
  return <LanguageContext value={value}>{children}</LanguageContext>;
}
