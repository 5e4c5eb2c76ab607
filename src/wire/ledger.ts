import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { OrgParams, UnixMsNumber } from "./shapes.ts";

export const LedgerOutcome = Type.Union([Type.Literal("done"), Type.Literal("refused"), Type.Literal("failed")]);

export const LedgerEntry = Type.Object({
  seq: Type.Integer(),
  at: UnixMsNumber,
  device: Type.String(),
  dseq: Type.Integer(),
  actor: Type.String(),
  verb: Type.String(),
  object: Type.String(),
  outcome: LedgerOutcome,
  /** Detail with names and texts filled in where they are still kept. */
  detail: Type.Record(Type.String(), Type.Unknown()),
  hash: Type.String({ description: "Lower-case hex SHA-256 of the bytes." }),
  bytes: Type.String({ description: "The canonical bytes, exactly as hashed." }),
});
export type LedgerEntry = Static<typeof LedgerEntry>;

export const listLedger = contract({
  method: "GET",
  path: "/orgs/:org/ledger",
  summary: "List entries of the history, newest first",
  tag: "ledger",
  access: "organisation",
  needs: "ledger.view",
  params: OrgParams,
  query: Type.Object({
    from: Type.Optional(UnixMsNumber),
    to: Type.Optional(UnixMsNumber),
    actor: Type.Optional(Type.String({ maxLength: 100 })),
    object: Type.Optional(Type.String({ maxLength: 200 })),
    verb: Type.Optional(Type.String({ maxLength: 100, description: "A verb, or its noun: `host` finds `host.*`." })),
    outcome: Type.Optional(LedgerOutcome),
    text: Type.Optional(Type.String({ maxLength: 200, description: "Text anywhere in the entry or in the names it refers to." })),
    before: Type.Optional(Type.Integer({ minimum: 1, description: "Only entries with a smaller number: the `next` of the page before." })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  }),
  response: Type.Object({
    entries: Type.Array(LedgerEntry),
    next: Type.Optional(Type.Integer()),
    /** Names of the actors and objects that appear, by id, where they still have one. */
    names: Type.Record(Type.String(), Type.String()),
  }),
});

export const LedgerVerification = Type.Object({
  checked: Type.Integer(),
  isIntact: Type.Boolean(),
  bad: Type.Optional(Type.Object({ seq: Type.Integer(), device: Type.String(), dseq: Type.Integer(), problem: Type.String() })),
});
export type LedgerVerification = Static<typeof LedgerVerification>;

export const verifyLedger = contract({
  method: "POST",
  path: "/orgs/:org/ledger/verification",
  summary: "Verify the whole history and name the first bad entry",
  tag: "ledger",
  access: "organisation",
  needs: "ledger.verify",
  params: OrgParams,
  response: LedgerVerification,
});
