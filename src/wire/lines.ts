import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { LineKind, lineSecrets, lineSettings } from "./line-settings.ts";
import { Done, Id, OrgParams, UnixMsNumber } from "./shapes.ts";

const common = { tag: "telephone", access: "organisation" } as const;
const ById = Type.Object({ ...OrgParams.properties, id: Id });

const lineBasics = {
  kind: LineKind,
  name: Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" }),
  priority: Type.Integer({ minimum: 1, maximum: 100, description: "Lines with the least are tried first." }),
  capacity: Type.Integer({ minimum: 1, maximum: 200, description: "How many calls it carries at once." }),
};

/** A line as somebody writes it. The kind never changes. */
export const LineInput = Type.Object({ ...lineBasics, ...lineSettings, ...lineSecrets });
export type LineInput = Static<typeof LineInput>;

export const LineStateName = Type.Union([Type.Literal("off"), Type.Literal("connecting"), Type.Literal("ready"), Type.Literal("failed")]);

/** What a line carried in a month of the organisation's time zone. */
export const LineUsage = Type.Object({
  month: Type.String({ description: "Such as 2026-11." }),
  calls: Type.Integer({ description: "Calls that were dialled." }),
  answered: Type.Integer(),
  minutes: Type.Integer({ description: "Minutes that began." }),
  cost: Type.Number({ description: "In the line's currency, by the price that was set when each call ended." }),
  limit: Type.Union([Type.Literal("none"), Type.Literal("ok"), Type.Literal("near"), Type.Literal("reached")], {
    description: "`near`: 80 % are used. `reached`: only critical incidents are called about.",
  }),
});
export type LineUsage = Static<typeof LineUsage>;

/** A line as it stands, without its secrets. */
export const Line = Type.Object({
  id: Id,
  ...lineBasics,
  name: Type.String(),
  isOn: Type.Boolean(),
  ...lineSettings,
  secrets: Type.Array(Type.String(), { description: "Which secrets are kept." }),
  state: LineStateName,
  problem: Type.Optional(Type.String()),
  stateSince: Type.Optional(UnixMsNumber),
  registeredUntil: Type.Optional(UnixMsNumber),
  busy: Type.Integer({ description: "Calls that are on it now." }),
  usage: LineUsage,
  createdAt: UnixMsNumber,
});
export type Line = Static<typeof Line>;

export const listLines = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/lines",
  summary: "List telephone lines with their state and what they cost this month",
  needs: "line.view",
  params: OrgParams,
  response: Type.Object({ lines: Type.Array(Line) }),
});

export const getLine = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/lines/:id",
  summary: "See a telephone line with its use month by month",
  needs: "line.view",
  params: ById,
  response: Type.Object({ line: Line, months: Type.Array(LineUsage) }),
});

export const createLine = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/lines",
  summary: "Create a telephone line and switch it on",
  needs: "line.change",
  params: OrgParams,
  body: LineInput,
  response: Line,
});

export const changeLine = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/lines/:id",
  summary: "Change a telephone line; secrets that are left out stay",
  needs: "line.change",
  params: ById,
  body: LineInput,
  response: Line,
});

export const deleteLine = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/lines/:id",
  summary: "Delete a telephone line; its calls stay in the list",
  needs: "line.change",
  params: ById,
  response: Done,
});

export const switchLine = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/lines/:id/switch",
  summary: "Switch a telephone line on or off",
  needs: "line.change",
  params: ById,
  body: Type.Object({ isOn: Type.Boolean() }),
  response: Line,
});

/** How a look at a line went. */
export const LineCheck = Type.Object({
  ok: Type.Boolean(),
  state: LineStateName,
  problem: Type.Optional(Type.String()),
  millis: Type.Integer(),
});
export type LineCheck = Static<typeof LineCheck>;

export const checkLine = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/lines/check",
  summary: "Connect with settings as they are typed and tell how it went; nobody is called, nothing is kept",
  needs: "line.change",
  params: OrgParams,
  body: Type.Object({ line: LineInput, id: Type.Optional(Type.Union([Id], { description: "Line whose kept secrets are used." })) }),
  response: LineCheck,
});

/** What holds for all calls of an organisation. */
export const CallSettings = Type.Object({
  countries: Type.Array(Type.String({ pattern: "^[1-9]\\d{0,2}$" }), {
    minItems: 1,
    maxItems: 50,
    uniqueItems: true,
    description: "Calling codes of the countries that may be called, such as 81; the first is the one of numbers typed without a country.",
  }),
});
export type CallSettings = Static<typeof CallSettings>;

export const getCallSettings = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/call-settings",
  summary: "See which countries may be called",
  needs: "line.view",
  params: OrgParams,
  response: CallSettings,
});

export const changeCallSettings = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/call-settings",
  summary: "Change which countries may be called",
  needs: "line.change",
  params: OrgParams,
  body: CallSettings,
  response: CallSettings,
});
