import { isServiceNumber, leadsAbroad, partedNumber, trunkPrefix, whyNobodys } from "./numbering.ts";
import { isEmergency } from "./phone-number.ts";

/** How a line wants numbers to be dialled. */
export interface DialRule {
  /** `e164`: +8190…; `digits`: 8190…; `national`: 090… within the line's country, with 010 and the like left to the trunk. */
  readonly dialForm?: "e164" | "digits" | "national";
  /** Calling code of the country that the line stands in, such as 81. */
  readonly countryCode?: string;
  /** Dialled before every number: 0 for an outside line of a PBX. */
  readonly dialPrefix?: string;
}

/**
 * Writes a number the way a line dials it. What is no E.164 number (an extension of a PBX) is left as it is.
 * @param number E.164 with its `+`
 */
export function dialledAs({ dialForm = "e164", countryCode, dialPrefix = "" }: DialRule, number: string): string {
  if (!number.startsWith("+")) return number;
  return dialPrefix + formed(dialForm, countryCode, number);
}

function formed(form: "e164" | "digits" | "national", line: string | undefined, number: string): string {
  const digits = number.slice(1);
  if (form === "e164") return number;
  if (form === "digits") return digits;
  const { country, national } = partedNumber(digits);
  return country === line ? `${trunkPrefix(country)}${national}` : number;
}

/**
 * Why a line must not dial a number, in the form in which it would: an allowed country in E.164 may be another one, or the police, for a trunk
 * that is dialled as at home. Undefined when it may.
 * @param number E.164 with its `+`, or what a trunk takes instead
 */
export function whyNotDialled(rule: DialRule, number: string): string | undefined {
  const dialled = dialledAs({ ...rule, dialPrefix: "" }, number);
  if ([number, dialled, dialledAs(rule, number)].some(isEmergency)) {
    return "As the line dials it, this is an emergency or service number: these are never called by a machine.";
  }
  if (number.startsWith("+") && whyNobodys(number.slice(1)) !== undefined) {
    return "There is no such number: a trunk could take it for one of another country, or for a service.";
  }
  if (number.startsWith("+") && isServiceNumber(number.slice(1))) {
    return "This is a company's free number or a service with a price of its own, and no person's telephone.";
  }
  const isAbroad = !dialled.startsWith("+") && leadsAbroad(rule.countryCode ?? "", dialled);
  return isAbroad ? "As the line dials it, this is a number of another country." : undefined;
}
