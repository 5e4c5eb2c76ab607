import { HinobanError } from "#base/errors";
import type { Page, PageReader, PageRequest } from "./port.ts";

/** Pages in memory. An address without a page cannot be reached. */
export class FakePageReader implements PageReader {
  readonly #pages = new Map<string, Page>();
  /** What was asked for, oldest first. */
  readonly requests: PageRequest[] = [];
  #isSilent = false;

  put(url: string, page: Page): void {
    this.#pages.set(url, page);
  }

  /** Makes an address unreachable again. */
  remove(url: string): void {
    this.#pages.delete(url);
  }

  /** From now on nothing answers in time. */
  fallSilent(): void {
    this.#isSilent = true;
  }

  async read(request: PageRequest): Promise<Page> {
    this.requests.push(request);
    if (!/^https?:\/\/[^/]/u.test(request.url)) throw new HinobanError("invalid-input", "The address must begin with http:// or https://.");
    if (request.url.includes("//169.254.")) throw new HinobanError("invalid-input", "The address 169.254.169.254 is not allowed.");
    if (this.#isSilent) throw new HinobanError("timeout", `No answer within ${request.timeout} ms.`);
    const page = this.#pages.get(request.url);
    if (!page) throw new HinobanError("unavailable", "The connection was refused.");
    if (page.text.length > request.mostBytes) throw new HinobanError("too-large", `The page has more than ${request.mostBytes} bytes.`);
    return page;
  }
}
