import { stringifySetCookie } from "cookie";
import type { FastifyReply } from "fastify";
import type { Origin } from "#http";

/** Browsers take a `__Host-` cookie only from this very host and over HTTPS, so no neighbour can plant one; plain HTTP needs the other name. */
const secureName = "__Host-hinoban_session";
const plainName = "hinoban_session";

/** The token of a request's session cookie; the one that cannot be planted counts first. */
export const sessionTokenOf = (cookies: Readonly<Record<string, string | undefined>>): string | undefined =>
  cookies[secureName] ?? cookies[plainName];

/** Hands the browser its session. @param seconds how long the browser keeps it at most. */
export function setSessionCookie(reply: FastifyReply, origin: Origin, token: string, seconds: number): void {
  void reply.header("set-cookie", cookie(origin, token, seconds));
}

export function clearSessionCookie(reply: FastifyReply, origin: Origin): void {
  void reply.header("set-cookie", cookie(origin, "", 0));
}

const cookie = ({ isSecure }: Origin, value: string, maxAge: number): string =>
  stringifySetCookie({
    name: isSecure ? secureName : plainName,
    value,
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure: isSecure,
    maxAge,
  });
