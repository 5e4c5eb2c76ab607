import { Type } from "typebox";
import type { BodyOf } from "#wire/contract";
import { DisplayName, Email, NewPassword, PersonName, TimeZone, type claimSetup } from "#wire/identity";
import { OrganisationName } from "#wire/shapes";
import type { Language } from "#kit/messages";

/** The fields of the form, checked as the contract asks. */
export const setupFields = Type.Object({
  displayName: DisplayName,
  organisation: OrganisationName,
  name: PersonName,
  email: Email,
  password: NewPassword,
  timeZone: TimeZone,
});

export type SetupValues = Type.Static<typeof setupFields>;

export const setupBody = (values: SetupValues, token: string, language: Language): BodyOf<typeof claimSetup> => ({
  token,
  organisation: { name: values.organisation, displayName: values.displayName.trim() },
  person: { name: values.name.trim(), email: values.email.trim(), password: values.password, language, timeZone: values.timeZone },
});

/** A short name made of what is ASCII in a name: "Example Ltd." gives "example-ltd". */
export const suggestName = (displayName: string): string =>
  displayName
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^-+/gu, "")
    .slice(0, 63)
    .replaceAll(/-+$/gu, "");
