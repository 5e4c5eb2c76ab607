/** A mail address as SMTP and headers can carry it: nothing in it ends a line, a list or a pair of angle brackets. */
export const isMailAddress = (text: string): boolean =>
  text.length <= 254 && /^[^\s"(),:;<>@[\\\]\u0000-\u001f\u007f]{1,64}@[^\s"(),:;<>@[\\\]\u0000-\u001f\u007f]{1,190}$/u.test(text);

/** One line: control characters and what ends a line become blanks. */
export const oneLine = (text: string): string =>
  text
    .replaceAll(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/gu, " ")
    .replaceAll(/ {2,}/gu, " ")
    .trim();
