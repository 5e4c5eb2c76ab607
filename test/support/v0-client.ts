import type { KeyRights } from "#wire/permissions";
import type { Answer, Rig } from "./inventory-rig.ts";

/** Speaks to /api/v0 as Mackerel's Go client does: a bare `?` behind every path, and a DELETE without a body that says it is JSON. */
export interface V0Client {
  get(path: string): Promise<Answer>;
  post(path: string, body: string | object): Promise<Answer>;
  put(path: string, body: string | object): Promise<Answer>;
  del(path: string, body?: object): Promise<Answer>;
}

const questioned = (path: string): string => `/api/v0${path}${path.includes("?") ? "" : "?"}`;

/** @param key the rig's own, which reads and writes, when absent */
export function v0Client(rig: Rig, key?: () => string): V0Client {
  const options = (): { key?: string } => (key ? { key: key() } : {});
  return {
    get: (path) => rig.ask("GET", questioned(path), options()),
    post: (path, body) => rig.ask("POST", questioned(path), { ...options(), body }),
    put: (path, body) => rig.ask("PUT", questioned(path), { ...options(), body }),
    del: (path, body) =>
      rig.ask("DELETE", questioned(path), { ...options(), ...(body ? { body } : { headers: { "content-type": "application/json" } }) }),
  };
}

/** Clients with keys of each right, made before the tests of a file. */
export interface V0Clients {
  readonly v0: V0Client;
  readonly reader: V0Client;
  readonly writer: V0Client;
  readonly administrator: V0Client;
  /** To be awaited in `beforeAll`. */
  prepare(): Promise<void>;
}

export function v0Clients(rig: Rig): V0Clients {
  const keys = new Map<KeyRights, string>();
  const of = (rights: KeyRights): V0Client => v0Client(rig, () => keys.get(rights) ?? "");
  return {
    v0: v0Client(rig),
    reader: of("read"),
    writer: of("write"),
    administrator: of("administer"),
    prepare: async () => {
      for (const rights of ["read", "write", "administer"] as const) keys.set(rights, await rig.newKey(rig.people.first, rights));
    },
  };
}

/** The sentence of an error; throws for anything that is not in Mackerel's shape. */
export function errorOf(answer: Answer): string {
  const message: unknown = answer.json?.error?.message;
  if (typeof message !== "string" || Object.keys(answer.json).length !== 1 || Object.keys(answer.json.error).length !== 1)
    throw new Error(`not Mackerel's shape of an error: ${answer.text}`);
  return message;
}

/** Status and sentence, for one comparison. */
export const refusal = (answer: Answer): { readonly status: number; readonly message: string } => ({
  status: answer.status,
  message: errorOf(answer),
});
