import { HinobanError } from "#base/errors";
import type { Figures } from "../common/graphs.ts";

const page =
  /^Active connections:\s*(\d{1,15})\s*\n\s*server accepts handled requests(?: request_time)?\s*\n\s*(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})[^\n]*\n\s*Reading:\s*(\d{1,15})\s+Writing:\s*(\d{1,15})\s+Waiting:\s*(\d{1,15})\s*$/u;

const longestPage = 4096;

/**
 * The page of `stub_status`; tengine's fourth counter is left out. Source: https://nginx.org/en/docs/http/ngx_http_stub_status_module.html
 * @throws HinobanError "invalid-input" for any other page
 */
export function parseStubStatus(text: string): Figures {
  const match = text.length > longestPage ? null : page.exec(text.replaceAll("\r", ""));
  if (!match)
    throw new HinobanError("invalid-input", "The answer is no page of stub_status. Does `url` name the location with `stub_status;`?");
  const [connections = 0, accepts = 0, handled = 0, requests = 0, reading = 0, writing = 0, waiting = 0] = match.slice(1).map(Number);
  return { connections, accepts, handled, requests, reading, writing, waiting, dropped: accepts - handled };
}
