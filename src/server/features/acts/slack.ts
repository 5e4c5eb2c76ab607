import { millis, seconds } from "#base/duration";
import { Secret } from "#base/secret";
import type { Acts } from "./acts.ts";
import { isRemembered, openDoor, remember, type Door } from "./chat-door.ts";
import { pressButton } from "./chat-press.ts";
import type { HookAnswer, HookCall } from "./hook-call.ts";
import { membersOf, parseMembers, textIn } from "./read-json.ts";
import { recordRefusal, type RefusalCause } from "./refusal.ts";
import { runCommand } from "./run-command.ts";
import { digestOf, judgeSlackSignature, workspaceOf } from "./signatures.ts";
import { withinTime } from "./within-time.ts";

const empty: HookAnswer = { status: 200, type: "text/plain; charset=utf-8", body: "" };
const refused = (status: number, body: string): HookAnswer => ({ status, type: "text/plain; charset=utf-8", body });

/** What Slack sends when somebody presses a button or types a command, for all of the app's channels. */
export async function receiveSlack(acts: Acts, call: HookCall): Promise<HookAnswer> {
  const door = await openDoor(acts, call.channelId);
  const secret = door?.channel.secrets.signingSecret;
  if (!door || secret === undefined || door.channel.type !== "slack-bot")
    return refused(404, "There is no Slack channel with a signing secret here.");
  const cause = await judge(acts, door, new Secret(secret), call);
  if (cause === "again") return empty;
  if (cause !== undefined) {
    const { organisationId, channel } = door;
    await recordRefusal(acts, { cause, via: "slack", address: call.address, organisationId, channelId: channel.id });
    return refused(401, "The signature is not right, too old, or was seen before.");
  }
  const form = new URLSearchParams(call.body.toString("utf8"));
  if (form.get("ssl_check") === "1") return empty;
  if (form.has("payload")) return receivePress(acts, door, new Secret(secret), call, form.get("payload") ?? "");
  return form.has("command") ? receiveCommand(acts, door, new Secret(secret), form) : empty;
}

/** Why a request does not count; `again` for one that Slack sends once more, since our answer was late. */
async function judge(acts: Acts, door: Door, secret: Secret, call: HookCall): Promise<RefusalCause | "again" | undefined> {
  const signature = call.header("x-slack-signature");
  const timestamp = call.header("x-slack-request-timestamp");
  const verdict = judgeSlackSignature(secret, { signature, timestamp }, call.body, acts.clock.now());
  if (verdict !== "right") return verdict;
  const isRetry = call.header("x-slack-retry-num") !== "";
  if (isRetry && (await isRemembered(acts, door, digestOf("body", call.body)))) return "again";
  if (!(await remember(acts, door, digestOf("signature", signature)))) return "replayed";
  await remember(acts, door, digestOf("body", call.body));
  return undefined;
}

async function receivePress(acts: Acts, door: Door, secret: Secret, call: HookCall, text: string): Promise<HookAnswer> {
  const payload = parseMembers(text) ?? {};
  const [first] = Array.isArray(payload["actions"]) ? (payload["actions"] as unknown[]) : []; // an array's items may be anything
  if (payload["type"] !== "block_actions" || first === undefined) return empty;
  const user = membersOf(payload["user"]);
  const team = textIn(membersOf(payload["team"]), "id") || textIn(user, "team_id");
  const token = textIn(membersOf(first), "value", 2000);
  const responseUrl = textIn(payload, "response_url", 2000);
  // A button that only opens a page tells us as well.
  if (token === "") return empty;
  const presser = {
    chat: "slack",
    workspace: workspaceOf(team, secret),
    userId: textIn(user, "id"),
    isVouched: true,
    userName: textIn(user, "username") || textIn(user, "name") || textIn(user, "id"),
  } as const;
  const pressed = pressButton(acts, { door, user: presser, token, address: call.address });
  acts.later(
    pressed.then(({ privately }) => answerBy(acts, responseUrl, privately)),
    "a button in Slack could not be answered",
  );
  await withinTime(acts.clock, pressed);
  return empty;
}

async function receiveCommand(acts: Acts, door: Door, secret: Secret, form: URLSearchParams): Promise<HookAnswer> {
  const field = (name: string): string => (form.get(name) ?? "").slice(0, 500);
  const user = {
    chat: "slack",
    workspace: workspaceOf(field("team_id"), secret),
    userId: field("user_id"),
    isVouched: true,
    userName: field("user_name") || field("user_id"),
  } as const;
  const said = runCommand(acts, { door, user, command: field("command"), text: field("text") });
  const text = await withinTime(acts.clock, said);
  if (text !== undefined) return json({ response_type: "ephemeral", text });
  acts.later(
    said.then((late) => answerBy(acts, form.get("response_url") ?? "", late)),
    "a command in Slack could not be answered",
  );
  return empty;
}

const json = (body: object): HookAnswer => ({ status: 200, type: "application/json; charset=utf-8", body: JSON.stringify(body) });

/** Tells whoever pressed, by the address that came with the press. The message itself is edited by whoever keeps the bot's posts. */
async function answerBy(acts: Acts, url: string, text: string | undefined): Promise<void> {
  if (text !== undefined && /^https?:\/\//u.test(url)) await post(acts, url, { response_type: "ephemeral", replace_original: false, text });
}

async function post(acts: Acts, url: string, body: object): Promise<void> {
  const answer = await acts.http.send({
    method: "POST",
    url,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(body),
    timeout: seconds(10),
    connectTimeout: millis(5000),
    mostBytes: 64 * 1024,
  });
  if (answer.status >= 300) acts.log.warn({ status: answer.status }, "a chat did not take our answer");
}
