import { asObject, textIn, type Query } from "./api.ts";
import type { Call } from "./call.ts";

/** The own interface, /api/v1, for the organisation of the API key. */
export interface OwnApi {
  get(path: readonly string[], query?: Query): Promise<Readonly<Record<string, unknown>>>;
  send(method: "POST" | "PUT" | "DELETE", path: readonly string[], body?: unknown): Promise<Readonly<Record<string, unknown>>>;
}

/** @throws CliFailure when server or key are missing, or the key is not valid */
export async function ownApi(call: Call): Promise<OwnApi> {
  const api = await call.api();
  const organisation = textIn(await api.get("/api/v0/org"), "name");
  const pathOf = (parts: readonly string[]): string =>
    `/api/v1/orgs/${[organisation, ...parts].map((part) => encodeURIComponent(part)).join("/")}`;
  return {
    get: async (path, query) => asObject(await api.get(pathOf(path), query)),
    send: async (method, path, body) => asObject(await api.call(method, pathOf(path), body)),
  };
}
