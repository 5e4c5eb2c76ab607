import { asObject, listIn } from "../api.ts";
import type { Call } from "../call.ts";
import { exitCodes } from "../text.ts";
import { localTime } from "../units.ts";

export async function listServices(call: Call): Promise<number> {
  await call.print(listIn(await (await call.api()).get("/api/v0/services"), "services"));
  return exitCodes.done;
}

export async function showOrganisation(call: Call): Promise<number> {
  await call.print(await (await call.api()).get("/api/v0/org"));
  return exitCodes.done;
}

export async function listUsers(call: Call): Promise<number> {
  const users = listIn(await (await call.api()).get("/api/v0/users"), "users");
  await call.print(call.isOn("verbose") ? users : users.map(shortUser), users);
  return exitCodes.done;
}

/** A user as mkr prints it: a time that people can read. */
function shortUser(user: unknown): object {
  const { joinedAt, ...rest } = asObject(user);
  return { ...rest, ...(typeof joinedAt === "number" ? { joinedAt: localTime(joinedAt) } : {}) };
}
