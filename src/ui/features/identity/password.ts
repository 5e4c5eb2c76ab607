export type PasswordStrength = "weak" | "fair" | "strong";

export interface PasswordReport {
  readonly isLongEnough: boolean;
  readonly hasLettersAndDigits: boolean;
  readonly isNotEmail: boolean;
  readonly isAllowed: boolean;
  readonly strength: PasswordStrength;
}

/** The rules of the server's password policy, told while typing. The server decides. */
export function reportPassword(password: string, email: string): PasswordReport {
  const text = password.normalize("NFKC");
  const address = email.normalize("NFKC").trim().toLowerCase();
  const isLongEnough = [...text].length >= 12;
  const hasLettersAndDigits = /\p{L}/u.test(text) && /\p{N}/u.test(text);
  const isNotEmail = password !== "" && (address === "" || !text.toLowerCase().includes(address));
  const isAllowed = isLongEnough && hasLettersAndDigits && isNotEmail;
  return { isLongEnough, hasLettersAndDigits, isNotEmail, isAllowed, strength: isAllowed ? strengthOf(password) : "weak" };
}

/** A rough measure: length, kinds of characters, and how many of them differ. Repeating one word does not make it stronger. */
function strengthOf(password: string): PasswordStrength {
  const distinct = new Set(password).size;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u, /\p{Lo}/u].filter((kind) => kind.test(password)).length;
  const score = Math.min(password.length, distinct * 2) + kinds * 3;
  return score >= 28 ? "strong" : score >= 20 ? "fair" : "weak";
}
