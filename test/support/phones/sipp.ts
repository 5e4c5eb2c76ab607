import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach } from "vitest";
import { openFolder } from "../folder.ts";
import { until } from "../until.ts";
import { captureOf, type PhoneSound } from "./capture.ts";
import { freeUdpPorts, isUdpHeld } from "./ports.ts";

/** What a phone does that follows a script: XML between `<scenario>` and its end, and what it plays. */
export interface Scenario {
  readonly steps: readonly string[];
  readonly sound?: PhoneSound;
}

export interface SippOptions {
  /** How many calls it takes before it ends; default 1. */
  readonly calls?: number;
  readonly transport?: "udp" | "tcp";
  /** Says yes to OPTIONS, as trunks do that are asked whether they are there. Each of them counts as one of the calls. */
  readonly answersOptions?: boolean;
}

/** A phone that follows a script; it takes any number. */
export interface Sipp {
  readonly port: number;
  readonly pid: number;
  /** Its sound leaves from here: four ports for each call. */
  readonly mediaPort: number;
  /** Waits for the end of the script. @throws with what went otherwise than written */
  done(withinMs?: number): Promise<void>;
  /** All messages, as sipp notes them. */
  messages(): string;
  stop(): Promise<void>;
}

const running = new Set<Sipp>();

/** Ends every script with the test that started it. */
export function withSipp(): void {
  afterEach(async () => {
    for (const sipp of running) await sipp.stop();
  });
}

const answerHeaders = `[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Record-Route:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>`;

const description = (codecs: string): string => `Content-Type: application/sdp
Content-Length: [len]

v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
${codecs}
a=ptime:20
`;

const withEvents = `m=audio [auto_media_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15`;
const withoutEvents = `m=audio [auto_media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000`;

const send = (text: string, attributes = ""): string => `<send${attributes}><![CDATA[\n${text}\n]]></send>`;
const bare = (status: string): string => send(`SIP/2.0 ${status}\n${answerHeaders}\nContent-Length: 0\n\n`);

export const pause = (milliseconds: number): string => `<pause milliseconds="${milliseconds}"/>`;
export const receive = (request: string, withinMs?: number): string =>
  `<recv request="${request}"${request === "INVITE" ? ' rrs="true"' : ""}${withinMs === undefined ? "" : ` timeout="${withinMs}"`}/>`;
export const ringing = bare("180 Ringing");
const trying = bare("100 Trying");
const okWithoutBody = send(
  "SIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContact: <sip:[local_ip]:[local_port];transport=[transport]>\nContent-Length: 0\n\n",
);
const ok = (codecs: string): string => send(`SIP/2.0 200 OK\n${answerHeaders}\n${description(codecs)}\n`, ' retrans="500"');
const play = '<nop><action><exec play_pcap_audio="sound.pcap"/></action></nop>';
const final = (status: string): string => send(`SIP/2.0 ${status}\n${answerHeaders}\nContent-Length: 0\n\n`, ' retrans="500"');
const patience = 60_000;
const byeFromThem = [receive("BYE", patience), okWithoutBody];

/** The names of both sides as the ACK has them, for requests of the phone's own within the call. */
const receiveAck = `<recv request="ACK" rrs="true"><action>
<ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="unused"/>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="phone"/>
</action></recv><Reference variables="unused"/>`;
const byeFromUs = [
  send(
    `BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
From: [$phone]
To: [$caller]
[last_Call-ID:]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0

`,
    ' retrans="500"',
  ),
  '<recv response="200"/>',
];

type KeptHeader = readonly [header: string, occurrence: number, variable: string];

/** What a 200 repeats of an INVITE, when other messages came between. */
const hopsOf = (hops: 1 | 2): readonly KeptHeader[] => [
  ["Via:", 1, "via1"],
  ...(hops === 2
    ? ([
        ["Via:", 2, "via2"],
        ["Record-Route:", 1, "route"],
      ] as const)
    : []),
  ["CSeq:", 1, "cseq"],
];
const keep = ([header, occurrence, name]: KeptHeader): string =>
  `<ereg regexp=".*" search_in="hdr" header="${header}" occurrence="${occurrence}" assign_to="${name}"/>`;

/** Scripts of phones and trunks, good and bad. */
export const scenarios = {
  /** Refuses with a status such as `486 Busy Here`, after ringing for a while or at once (0). */
  refuses: (status: string, afterMs = 0): Scenario => ({
    steps: [receive("INVITE"), ...(afterMs > 0 ? [ringing, pause(afterMs)] : [trying]), final(status), receive("ACK")],
  }),
  /** Rings until the caller gives up. */
  neverAnswers: (): Scenario => ({
    steps: [receive("INVITE"), ringing, receive("CANCEL", patience), okWithoutBody, ...endOfInvite("487 Request Terminated")],
  }),
  /** A trunk that says it is trying, and never rings. */
  neverRings: (): Scenario => ({
    steps: [receive("INVITE"), trying, receive("CANCEL", patience), okWithoutBody, ...endOfInvite("487 Request Terminated")],
  }),
  /** Takes the CANCEL, and never says that the INVITE is over. */
  never487: (): Scenario => ({ steps: [receive("INVITE"), ringing, receive("CANCEL", patience), okWithoutBody, pause(1000)] }),
  /** Answers in the instant in which the caller gives up. @param hops how many Via lines arrive: 2 through a proxy */
  answersLate: (hops: 1 | 2 = 2): Scenario => ({
    steps: [
      `<recv request="INVITE" rrs="true"><action>${hopsOf(hops).map(keep).join("")}</action></recv>`,
      ringing,
      receive("CANCEL", patience),
      okWithoutBody,
      send(
        `SIP/2.0 200 OK
${hopsOf(hops)
  .map(([header, , name]) => `${header} [$${name}]`)
  .join("\n")}
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
${description(withEvents)}
`,
        ' retrans="500"',
      ),
      receive("ACK", 5000),
      ...byeFromThem,
    ],
  }),
  /** Answers, and sends no sound at all. */
  answersWithoutMedia: (): Scenario => ({ steps: [receive("INVITE"), ringing, ok(withEvents), receive("ACK"), ...byeFromThem] }),
  /** Answers after `ringsFor` ms and presses keys; the times count from the answer. It sends sound all the while. */
  presses: (
    keys: PhoneSound["keys"],
    { ringsFor = 200, ...sound }: Partial<PhoneSound> & { readonly ringsFor?: number } = {},
  ): Scenario => ({
    steps: [
      receive("INVITE"),
      ringing,
      pause(ringsFor),
      ok(sound.asTones === true ? withoutEvents : withEvents),
      receive("ACK"),
      play,
      ...byeFromThem,
    ],
    sound: { length: 60_000, ...(keys ? { keys } : {}), ...sound },
  }),
  /** A machine: plays what it has to say, never presses anything, goes on listening. */
  voicemail: (says: Int16Array): Scenario => ({
    steps: [receive("INVITE"), ringing, pause(200), ok(withEvents), receive("ACK"), play, ...byeFromThem],
    sound: { length: 60_000, says },
  }),
  /** Answers, and hangs up after a while, whatever is being said. */
  hangsUp: (afterMs: number): Scenario => ({
    steps: [receive("INVITE"), ringing, ok(withEvents), receiveAck, play, pause(afterMs), ...byeFromUs],
    sound: { length: 60_000 },
  }),
  /** Answers, and is never heard of again: no BYE, no answer to one. */
  dies: (afterMs: number): Scenario => ({ steps: [receive("INVITE"), ringing, ok(withEvents), receive("ACK"), pause(afterMs)] }),
  /** The network says something while nobody answers (183 with sound), then it is busy. */
  announces: (status: string, afterMs: number): Scenario => ({
    steps: [
      receive("INVITE"),
      send(`SIP/2.0 183 Session Progress\n${answerHeaders}\n${description(withEvents)}\n`),
      play,
      pause(afterMs),
      final(status),
      receive("ACK"),
    ],
    sound: { length: 10_000, says: Int16Array.from({ length: 80_000 }, (_, at) => 6000 * Math.sin(at / 3)) },
  }),
} as const;

/** The end of an INVITE that was cancelled: its own Via and CSeq are gone from the last message by then, sipp answers by the call. */
function endOfInvite(status: string): string[] {
  return [
    send(
      `SIP/2.0 ${status}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
CSeq: [cseq] INVITE
Content-Length: 0

`,
      ' retrans="500"',
    ),
    receive("ACK", patience),
  ];
}

/** Starts sipp as a phone that waits for calls. */
export async function startSipp(
  scenario: Scenario,
  { calls = 1, transport = "udp", answersOptions = false }: SippOptions = {},
): Promise<Sipp> {
  const folder = openFolder("hinoban-sipp-");
  const steps = scenario.steps.join("\n");
  writeFileSync(join(folder, "script.xml"), `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="phone">\n${steps}\n</scenario>\n`);
  if (scenario.sound) writeFileSync(join(folder, "sound.pcap"), captureOf(scenario.sound));
  const port = await freeUdpPorts(2);
  const media = await freeUdpPorts(4 * calls);
  const args = ["-sf", "script.xml", "-i", "127.0.0.1", "-p", String(port), "-mi", "127.0.0.1", "-mp", String(media)];
  const more = [
    "-m",
    String(calls),
    "-nostdin",
    ...(answersOptions ? ["-aa"] : []),
    "-t",
    transport === "udp" ? "u1" : "t1",
    "-trace_msg",
    "-message_file",
    "messages.log",
  ];
  const child = spawn("sipp", [...args, ...more, "-trace_err", "-error_file", "errors.log"], { cwd: folder, stdio: "ignore" });
  const read = (name: string): string => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  const sipp = handleOf(child, port, media, read);
  running.add(sipp);
  await until("sipp listens", 10_000, () => {
    if (child.exitCode !== null) throw new Error(`sipp ended with ${child.exitCode}: ${read("errors.log")}`);
    return transport === "udp" ? isUdpHeld(port) : isTcpHeld(port);
  });
  return sipp;
}

function handleOf(child: ChildProcess, port: number, mediaPort: number, read: (name: string) => string): Sipp {
  const exit = new Promise<number | null>((resolve) => void child.once("close", (code) => resolve(code)));
  const sipp: Sipp = {
    port,
    pid: child.pid ?? 0,
    mediaPort,
    messages: () => read("messages.log"),
    done: async (withinMs = 30_000) => {
      await until(`sipp's script is done: ${read("errors.log")}`, withinMs, () => child.exitCode !== null);
      if (child.exitCode !== 0) throw new Error(`sipp ended with ${child.exitCode}: ${read("errors.log")}\n${read("messages.log")}`);
    },
    stop: async () => {
      running.delete(sipp);
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exit;
    },
  };
  return sipp;
}

const isTcpHeld = (port: number): boolean =>
  readFileSync("/proc/net/tcp", "utf8").includes(`:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`);
