import type { SipRequest } from "./message.ts";

const numbered: Readonly<Record<string, string>> = { "10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D" };

/** The key that an INFO tells: `application/dtmf-relay` (Signal=1) or `application/dtmf` (1). Undefined when it tells something else. */
export function infoKey({ headers, body }: Pick<SipRequest, "headers" | "body">): string | undefined {
  const type = headers.first("content-type")?.split(";")[0]?.trim().toLowerCase();
  const text =
    type === "application/dtmf-relay"
      ? /^\s*Signal\s*=\s*([\dA-D*#]{1,2})\s*$/imu.exec(body)?.[1]
      : type === "application/dtmf"
        ? body.trim()
        : "";
  const key = (text ?? "").toUpperCase();
  const digit = numbered[key] ?? key;
  return /^[\dA-D*#]$/u.test(digit) ? digit : undefined;
}
