import type { MonitorSettings } from "#wire/monitor-settings";
import type { ProbeSpec } from "#wire/probe-specs";

/** What a monitor's settings ask over the network; undefined for those that ask nothing, or not completely yet. */
export function specOfSettings(settings: MonitorSettings): ProbeSpec | undefined {
  if ("probe" in settings) return isComplete(settings.probe) ? settings.probe : undefined;
  if (settings.type !== "external" || !/^https?:\/\/[^\s/]+/iu.test(settings.url)) return undefined;
  const { url, method, headers, requestBody, followRedirect, expectedStatusCode, containsString, skipCertificateVerification, dualstack } =
    settings;
  return {
    kind: "http",
    url,
    ...(method === undefined ? {} : { method }),
    ...(headers === undefined ? {} : { headers }),
    ...(requestBody ? { requestBody } : {}),
    ...(followRedirect === undefined ? {} : { followRedirect }),
    ...(expectedStatusCode ? { expectedStatusCode } : {}),
    ...(containsString ? { containsString } : {}),
    ...(skipCertificateVerification === undefined ? {} : { skipCertificateVerification }),
    ...(dualstack === undefined ? {} : { family: dualstack }),
  };
}

/** Whether a server would take it. */
function isComplete(spec: ProbeSpec): boolean {
  switch (spec.kind) {
    case "http":
      return /^https?:\/\/[^\s/]+/iu.test(spec.url);
    case "dns":
      return isName(spec.name);
    case "tcp":
    case "path":
      return isName(spec.host) && spec.port >= 1;
    default:
      return isName(spec.host);
  }
}

const isName = (text: string): boolean => /^[^\s/@?#]+$/u.test(text);

/** Whether the monitor's targets are asked over the network. */
export const isProbed = (settings: MonitorSettings): boolean => settings.type === "external" || "probe" in settings;
