export { actorId, scopeOf, type Actor, type Principal } from "./actor.ts";
export { createApp, type AppOptions } from "./app.ts";
export { serveConsole } from "./console.ts";
export { serveDocs } from "./docs.ts";
export { ChangeFeed, serveEvents } from "./events.ts";
export type { Figure } from "./exposition.ts";
export { serveOperations, type Readiness } from "./operations.ts";
export { asHinobanError, problemOf } from "./problem.ts";
export {
  apiPrefix,
  guarded,
  principalOf,
  serve,
  servePerson,
  servePublic,
  type Credentials,
  type Gate,
  type Origin,
  type Served,
} from "./serve.ts";
export { RateLimit } from "./rate-limit.ts";
export { serveReceiver, type ReceiverAnswer, type ReceiverCall, type ReceiverRoute } from "./receiver.ts";
export { checker } from "./validate.ts";
export { depthOf, JsonText, rawMember, withRaw } from "./raw-json.ts";
export {
  isObject,
  mostV0Bytes,
  objectOf,
  pageOfQuery,
  parseJson,
  serveV0,
  textOf,
  v0Prefix,
  type V0,
  type V0Answer,
  type V0Call,
  type V0Query,
  type V0Route,
} from "./v0.ts";
