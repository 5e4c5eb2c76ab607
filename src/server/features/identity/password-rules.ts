/** The address as it is compared and kept: no outer blanks, one form of each character, lower case. */
export const normalEmail = (typed: string): string => typed.normalize("NFKC").trim().toLowerCase();

export const shortestPassword = 12;
/** The present password and the three before it cannot be used again: PCI DSS 8.3.7. */
export const rememberedPasswords = 4;

/** What is wrong with a new password by itself, or undefined: PCI DSS 8.3.6, and not the address. */
export function passwordProblem(password: string, email: string): string | undefined {
  const text = password.normalize("NFKC");
  if ([...text].length < shortestPassword) return `Use at least ${shortestPassword} characters.`;
  if (!/\p{L}/u.test(text) || !/\p{N}/u.test(text)) return "Use letters and digits.";
  if (text.toLowerCase().includes(normalEmail(email))) return "Do not use the e-mail address.";
  return undefined;
}

/** Whether `name` is a time zone that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
