import type { MonitorSettings } from "#wire/monitor-settings";
import type { ProbeSpec } from "#wire/probe-specs";

/** What a monitor's settings ask over the network; undefined for those that ask nothing, or not completely yet. */
export function specOfSettings(settings: MonitorSettings): ProbeSpec | undefined {
  if ("probe" in settings) return isComplete(settings.probe) ? settings.probe : undefined;
  if (settings.type !== "external" || !/^https?:\/\/[^\s/]+/iu.test(settings.url)) return undefined;
  const { url, requestBody, expectedStatusCode, containsString, dualstack } = settings;
  const asked = {
    method: settings.method,
    headers: settings.headers,
    requestBody: requestBody || undefined,
    followRedirect: settings.followRedirect,
    expectedStatusCode: expectedStatusCode ?? undefined,
    containsString: containsString || undefined,
    skipCertificateVerification: settings.skipCertificateVerification,
    family: dualstack,
  };
  return { kind: "http", url, ...given(asked) };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** What is not undefined. */
const given = <T extends object>(all: T): Given<T> =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Given<T>; // the same keys, without those

/** Whether a server would take it. */
function isComplete(spec: ProbeSpec): boolean {
  if (spec.kind === "http") return /^https?:\/\/[^\s/]+/iu.test(spec.url);
  if (spec.kind === "dns") return isName(spec.name);
  const needsPort = spec.kind === "tcp" || spec.kind === "path";
  return isName(spec.host) && (!needsPort || spec.port >= 1);
}

const isName = (text: string): boolean => /^[^\s/@?#]+$/u.test(text);

/** Whether the monitor's targets are asked over the network. */
export const isProbed = (settings: MonitorSettings): boolean => settings.type === "external" || "probe" in settings;
