import { invalidInput, type FieldProblem } from "#base/errors";
import type { SmsSenderInput, SmsSenderSecrets, SmsSenderSettings } from "#wire/sms";
import type { OpenSender } from "./sms-sender.ts";

const secretNames = ["authToken", "previousAuthToken", "signingKey"] as const;

const secretsOfKind: Readonly<Record<SmsSenderInput["kind"], readonly (typeof secretNames)[number][]>> = {
  twilio: ["authToken", "previousAuthToken"],
  http: ["signingKey"],
};

/**
 * What the shapes alone cannot say about a sender.
 * @param kept the sender as it is: its secrets stay, unless they would go to another machine than the one that they were typed for
 * @throws "invalid-input"
 */
export function checkSender(input: SmsSenderInput, kept: OpenSender | undefined): OpenSender {
  const settings = settingsIn(input);
  const secrets = secretsFor(input, settings, kept);
  const problems = [...kindProblems(input.kind, settings), ...secretProblems(input, settings, secrets, kept)];
  if (settings.pricePerSegment !== undefined && settings.currency === undefined)
    problems.push({ field: "currency", problem: "must be given beside a price" });
  if (problems.length > 0) throw invalidInput(problems);
  return { kind: input.kind, settings, secrets };
}

function settingsIn(input: SmsSenderInput): SmsSenderSettings {
  const { kind, from, accountSid = "", baseUrl = "", url = "", mostSegments, pricePerSegment, currency } = input;
  const of = (name: "accountSid" | "baseUrl" | "url", text: string, right: SmsSenderInput["kind"]) =>
    kind === right && text.trim() !== "" ? { [name]: text.trim() } : {};
  return {
    from: from.trim(),
    ...of("accountSid", accountSid, "twilio"),
    ...of("baseUrl", baseUrl, "twilio"),
    ...of("url", url, "http"),
    mostSegments,
    ...(pricePerSegment === undefined ? {} : { pricePerSegment }),
    ...(currency === undefined ? {} : { currency }),
  };
}

const hasMoved = (settings: SmsSenderSettings, kept: OpenSender): boolean =>
  settings.baseUrl !== kept.settings.baseUrl || settings.url !== kept.settings.url || settings.accountSid !== kept.settings.accountSid;

function secretsFor(input: SmsSenderInput, settings: SmsSenderSettings, kept: OpenSender | undefined): SmsSenderSecrets {
  const before: SmsSenderSecrets = kept?.kind === input.kind && !hasMoved(settings, kept) ? kept.secrets : {};
  return Object.fromEntries(
    secretsOfKind[input.kind].flatMap((name) => {
      const value = input[name]?.trim() ?? before[name];
      return value === undefined || value === "" ? [] : [[name, value] as const];
    }),
  );
}

function secretProblems(
  { kind }: SmsSenderInput,
  settings: SmsSenderSettings,
  secrets: SmsSenderSecrets,
  kept: OpenSender | undefined,
): FieldProblem[] {
  const needed = kind === "twilio" ? "authToken" : "signingKey";
  if (secrets[needed] !== undefined) return [];
  const isMoved = kept?.kind === kind && hasMoved(settings, kept);
  return [{ field: needed, problem: isMoved ? "must be typed again, since the account or the address is another one" : "must be given" }];
}

function kindProblems(kind: SmsSenderInput["kind"], { accountSid, baseUrl, url, from }: SmsSenderSettings): FieldProblem[] {
  if (kind === "http") {
    const isMg = from.startsWith("MG") && from.length === 34;
    return [
      ...(url === undefined ? [{ field: "url", problem: "must be given" }] : urlProblems("url", url)),
      ...(isMg ? [{ field: "from", problem: "messaging services are Twilio's" }] : []),
    ];
  }
  const isSid = accountSid !== undefined && (baseUrl !== undefined || /^AC[0-9a-f]{32}$/u.test(accountSid));
  return [
    ...(isSid ? [] : [{ field: "accountSid", problem: "begins with AC and has 34 characters" }]),
    ...(baseUrl === undefined ? [] : urlProblems("baseUrl", baseUrl)),
  ];
}

function urlProblems(field: string, text: string): FieldProblem[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:"))
    return [{ field, problem: "must be a URL that begins with http:// or https://" }];
  return url.username === "" && url.password === "" ? [] : [{ field, problem: "must not carry a user or a password" }];
}
