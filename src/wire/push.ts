import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { MyNotifications } from "./notify-people.ts";
import { OrgParams } from "./shapes.ts";

const common = { tag: "notifications", access: "organisation" } as const;

export const getPushKey = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/my/push-key",
  summary: "The key by which a browser knows this server's messages",
  needs: "organisation.view",
  params: OrgParams,
  response: Type.Object({ publicKey: Type.String({ description: "VAPID, base64url: the browser's applicationServerKey." }) }),
});

/** What a browser's PushSubscription says of itself. */
export const BrowserSubscription = Type.Object({
  endpoint: Type.String({ minLength: 10, maxLength: 1000, pattern: "^https?://" }),
  keys: Type.Object({
    p256dh: Type.String({ pattern: "^[A-Za-z0-9_-]{86,88}=?$", description: "65 bytes, base64url." }),
    auth: Type.String({ pattern: "^[A-Za-z0-9_-]{21,24}={0,2}$", description: "16 bytes, base64url." }),
  }),
});
export type BrowserSubscription = Static<typeof BrowserSubscription>;

export const allowPush = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/my/push",
  summary: "Let this browser show one's messages; a browser shows those of one person",
  needs: "organisation.view",
  params: OrgParams,
  body: Type.Object({
    subscription: BrowserSubscription,
    label: Type.String({ minLength: 1, maxLength: 100, description: "Such as Chrome on Windows." }),
  }),
  response: MyNotifications,
});

/** What arrives in the browser. */
export const PushNotice = Type.Object({
  title: Type.String(),
  body: Type.String(),
  /** Opened by a click: below the server's own address. */
  path: Type.String(),
  /** A later message of the same tag takes its place. */
  tag: Type.Optional(Type.String()),
  language: Type.Union([Type.Literal("en"), Type.Literal("ja")]),
  isUrgent: Type.Boolean(),
  at: Type.Integer(),
  /** Buttons that act in the name of whoever is signed in there. */
  actions: Type.Array(Type.Object({ action: Type.String(), title: Type.String() })),
});
export type PushNotice = Static<typeof PushNotice>;
