import { csrfHeader, type SignedIn } from "#wire/identity";

/** What came back. */
export interface Answer<T = unknown> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

/** A caller of the HTTP API as a browser (cookie and token) or a program (API key) would be. */
export class ApiClient {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  /** The API key it sends, if any. */
  get apiKey(): string {
    return this.#headers["x-api-key"] ?? "";
  }

  withKey(secret: string): ApiClient {
    return new ApiClient(this.#url, { "x-api-key": secret });
  }

  /** @param body is sent as JSON; a Buffer or string as it is. */
  async call<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const isRaw = typeof body === "string" || body instanceof Uint8Array;
    const response = await fetch(this.#url + path, {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === "" ? undefined : parse(text)) as T, headers: response.headers };
  }

  /** The same call, for a test's set-up: anything but a success is an error. */
  async get<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.call<T>(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Signs in (or sets up) by the given call and returns a client that carries the session. */
  async signedIn(path: string, body: unknown): Promise<ApiClient> {
    const answer = await this.call<SignedIn>("POST", path, body);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    const cookie = answer.headers
      .getSetCookie()
      .map((one) => one.split(";")[0])
      .join("; ");
    return new ApiClient(this.#url, { cookie, [csrfHeader]: answer.body.csrf });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const ownerAccount = {
  name: "Sato Hanako",
  email: "sato@example.jp",
  password: "correct horse 42",
  language: "en",
  timeZone: "Asia/Tokyo",
} as const;

/** Sets a fresh installation up and returns its owner's client. */
export function claim(url: string, setupUrl: string | undefined): Promise<ApiClient> {
  const token = setupUrl?.split("#")[1] ?? "";
  return new ApiClient(url).signedIn("/api/v1/setup", {
    token,
    organisation: { name: "main", displayName: "Example University" },
    person: ownerAccount,
  });
}

/** Signs the owner of `claim` in again. */
export const signIn = (url: string): Promise<ApiClient> =>
  new ApiClient(url).signedIn("/api/v1/session", { email: ownerAccount.email, password: ownerAccount.password });

/** Creates an API key and returns a client that uses it. */
export async function withNewKey(owner: ApiClient, name = "test", rights = "read-write", org = "main"): Promise<ApiClient> {
  const { secret } = await owner.get<{ secret: string }>("POST", `/api/v1/orgs/${org}/keys`, { name, rights, networks: [] });
  return owner.withKey(secret);
}
