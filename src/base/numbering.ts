/** What is particular about the numbers of a country; what is left open is as nearly everywhere. */
interface Numbering {
  /** Stands before a national number at home and falls away behind the country's code; default 0. */
  readonly trunk?: string;
  /** Leads to other countries when it is dialled at home, besides 00. */
  readonly abroad?: RegExp;
  /** Beginnings that no national number has; default 0. The network may act on them before the last digit: a service, another country. */
  readonly unused?: RegExp;
  /** Free numbers of companies, and services with a price of their own: nobody's telephone rings there. */
  readonly services?: RegExp;
}

/** Where the 0 is part of the number, stays behind the country's code, and nothing is dialled before it. */
const keepsZero: Numbering = { trunk: "", unused: /^(?:00|1)/u };
/** Where nothing is dialled before a number either, and 0 and 1 begin what is none. */
const bare: Numbering = { trunk: "", unused: /^[01]/u };

// Sources: national numbering plans as ITU-T publishes them (E.129), for +1 that of the NANPA, for +81 that of its ministry.
const numberings: Readonly<Record<string, Numbering>> = {
  // Neither 211 to 911 nor anything with 0 or 1 in front is an area.
  "1": { trunk: "", abroad: /^(?:011|10)/u, unused: /^(?:[01]|[2-9]11)/u, services: /^900/u },
  "7": { trunk: "8", abroad: /^810/u, unused: /^[01]/u },
  "34": bare,
  "36": { trunk: "06" },
  "39": keepsZero,
  "44": { services: /^9/u },
  "45": bare,
  "47": bare,
  "48": { trunk: "", unused: /^(?:0|11|99)/u },
  "62": { abroad: /^010/u },
  "65": { trunk: "", unused: /^(?:[01]|99)/u },
  // 011 to 019 are areas in the north. 0120, 0800: free, of companies; 020: pagers and machines; 0170, 0180, 0570, 0990: services.
  "81": { abroad: /^010/u, unused: /^(?:0|10)/u, services: /^(?:120|170|180|20|570|800|990)/u },
  "225": keepsZero,
  "229": keepsZero,
  "242": keepsZero,
  "375": { trunk: "8", abroad: /^810/u, unused: /^[01]/u },
  "378": keepsZero,
  "852": { trunk: "", unused: /^(?:[01]|999)/u },
  "972": { abroad: /^01/u },
};

/** Calling codes of one and two digits (ITU-T E.164, list of assigned codes); all others have three. */
const shortCode = /^(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/u;

/** Parts a number into its country and the rest. @param digits E.164 without its `+` */
export function partedNumber(digits: string): { readonly country: string; readonly national: string } {
  const country = shortCode.exec(digits)?.[0] ?? digits.slice(0, 3);
  return { country, national: digits.slice(country.length) };
}

/** What is dialled before a national number at home; empty where nothing is. */
export const trunkPrefix = (country: string): string => numberings[country]?.trunk ?? "0";

/** Whether what is dialled within a country leads to another one. */
export const leadsAbroad = (country: string, dialled: string): boolean =>
  dialled.startsWith("00") || numberings[country]?.abroad?.test(dialled) === true;

/**
 * Why a number, though it has a country, is nobody's: a trunk that writes it as at home would dial a service or another country.
 * @param digits E.164 without its `+`
 */
export function whyNobodys(digits: string): string | undefined {
  const { country, national } = partedNumber(digits);
  const { unused = /^0/u } = numberings[country] ?? {};
  if (!unused.test(national)) return undefined;
  return national.startsWith("0") ? "must not have a 0 behind the country" : `must be a number of +${country}: none there begins like this`;
}

/** Whether a free number of a company, or a service with a price of its own. @param digits E.164 without its `+` */
export function isServiceNumber(digits: string): boolean {
  const { country, national } = partedNumber(digits);
  return numberings[country]?.services?.test(national) === true;
}
