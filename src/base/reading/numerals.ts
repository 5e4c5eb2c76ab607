/** The parts in which a whole number is said, by the names of recorded prompts. */

const nameOf = (value: number): string => (value < 10 ? String(value) : `n${value}`);

/** Digit by digit. */
export const digitsOf = (digits: string): string[] => [...digits];

/** Japanese: 1,234 is せん・にひゃく・さんじゅう・よん. From 100,000,000 on digit by digit. @param digits without separators */
export function japaneseNumber(digits: string): string[] {
  const value = Number(digits);
  if (!/^\d{1,8}$/u.test(digits) || (digits.length > 1 && digits.startsWith("0"))) return digitsOf(digits);
  if (value === 0) return ["0"];
  const above = Math.floor(value / 10_000);
  return [...(above > 0 ? [...belowTenThousand(above), "n10000"] : []), ...belowTenThousand(value % 10_000)];
}

function belowTenThousand(value: number): string[] {
  return [1000, 100, 10, 1].flatMap((unit) => {
    const part = Math.floor(value / unit) % 10;
    return part === 0 ? [] : [nameOf(part * unit)];
  });
}

/** English: 1,234 is one, thousand, two, hundred, thirty, four. @param digits without separators */
export function englishNumber(digits: string): string[] {
  const value = Number(digits);
  if (!/^\d{1,6}$/u.test(digits) || (digits.length > 1 && digits.startsWith("0"))) return digitsOf(digits);
  if (value === 0) return ["0"];
  const above = Math.floor(value / 1000);
  return [...(above > 0 ? [...belowThousand(above), "n1000"] : []), ...belowThousand(value % 1000)];
}

function belowThousand(value: number): string[] {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  const out = hundreds > 0 ? [nameOf(hundreds), "n100"] : [];
  if (rest === 0) return out;
  if (rest < 20) return [...out, nameOf(rest)];
  return [...out, `n${rest - (rest % 10)}`, ...(rest % 10 === 0 ? [] : [nameOf(rest % 10)])];
}
