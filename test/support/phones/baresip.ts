import { spawn, type ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach } from "vitest";
import { openFolder } from "../folder.ts";
import { until } from "../until.ts";
import { samplesOfWav } from "./heard.ts";
import { tone, wavOf } from "./pcm.ts";
import { freeUdpPorts } from "./ports.ts";
import { trunkPassword, trunkRealm } from "./kamailio.ts";

export interface BaresipOptions {
  /** Its number; default 0901111. */
  readonly user?: string;
  /** The registrar's port on 127.0.0.1. Absent: it does not register and takes calls at its own address. */
  readonly registrar?: number;
  readonly password?: string;
  readonly transport?: "udp" | "tcp" | "tls";
  /** Answers every call at once. Default false: it rings until told. */
  readonly answersItself?: boolean;
  readonly codecs?: readonly ("pcmu" | "pcma")[];
  /** SRTP with keys in SDP is demanded. */
  readonly isEncrypted?: boolean;
  /** What is said into the phone; default a quiet hum. */
  readonly says?: Int16Array;
  /** How many calls it holds at once; default 1. */
  readonly calls?: number;
}

export interface PhoneEvent {
  readonly type: string;
  readonly param: string;
}

const running = new Set<Baresip>();

/** Ends every phone with the test that started it. */
export function withPhones(): void {
  afterEach(async () => {
    for (const phone of running) await phone.stop();
  });
}

const minute = 60_000;

/** A real SIP phone, driven by its control port. One process is one telephone. */
export class Baresip {
  /** Where it takes calls without a registrar: `sip:<user>@127.0.0.1:<port>`. */
  readonly port: number;
  readonly user: string;
  /** All that happened, in order. */
  readonly events: PhoneEvent[] = [];
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #answers = new Map<string, (data: string) => void>();
  #control: Socket | undefined;
  #output = "";
  #token = 0;

  private constructor(folder: string, user: string, port: number) {
    this.#folder = folder;
    this.user = user;
    this.port = port;
    this.#child = spawn("baresip", ["-4", "-n", "127.0.0.1", "-f", folder], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.#output = (this.#output + chunk.toString("utf8")).slice(-20_000)));
    }
    running.add(this);
  }

  static async start(options: BaresipOptions = {}): Promise<Baresip> {
    const folder = openFolder("hinoban-baresip-");
    const { user = "0901111" } = options;
    const sipPort = await freeUdpPorts(2);
    const rtpPort = await freeUdpPorts(4 * (options.calls ?? 1) + 20);
    const controlPort = await freeUdpPorts(2);
    writeFileSync(join(folder, "hum.wav"), wavOf(options.says ?? tone(200, minute * 1.5, 0.02)));
    writeFileSync(join(folder, "contacts"), "");
    writeFileSync(join(folder, "accounts"), accountLine(user, options));
    writeFileSync(join(folder, "config"), configLines(folder, sipPort, rtpPort, controlPort, options).join("\n") + "\n");
    const phone = new Baresip(folder, user, sipPort);
    await phone.#openControl(controlPort);
    if (options.registrar !== undefined) await phone.registered();
    return phone;
  }

  output(): string {
    return this.#output;
  }

  /** How often something happened. */
  count(type: string): number {
    return this.events.filter((event) => event.type === type).length;
  }

  /** Waits until something has happened (`times` times since the start). */
  async event(type: string, withinMs = 10_000, times = 1): Promise<PhoneEvent> {
    await until(`${type} at the phone ${this.user}: ${this.events.map((event) => event.type).join(" ")}`, withinMs, () => {
      if (hasEnded(this.#child)) throw new Error(`baresip ended: ${this.#output}`);
      return this.count(type) >= times;
    });
    const found = this.events.filter((event) => event.type === type)[times - 1];
    if (!found) throw new Error(`${type} is gone`);
    return found;
  }

  /** Waits until its registrar knows it. */
  async registered(withinMs = 15_000): Promise<void> {
    let state = "";
    await until(`the phone ${this.user} is registered`, withinMs, async () => {
      if (hasEnded(this.#child)) throw new Error(`baresip ended: ${this.#output}`);
      state = await this.#command("reginfo");
      return state.includes("OK");
    });
  }

  async rings(withinMs = 10_000, times = 1): Promise<void> {
    await this.event("CALL_INCOMING", withinMs, times);
  }

  /** Waits until the call is over. @returns why, in its words: `Connection reset by peer` when the other side ended it */
  async over(withinMs = 20_000, times = 1): Promise<string> {
    return (await this.event("CALL_CLOSED", withinMs, times)).param;
  }

  async accept(): Promise<void> {
    await this.#command("accept");
  }

  /** Rejects what rings, hangs up what was answered. */
  async hangUp(): Promise<void> {
    await this.#command("hangup");
  }

  /** Presses keys one after the other, as RFC 4733 events. */
  async press(keys: string): Promise<void> {
    for (const key of keys) {
      await this.#command("sndcode", key);
      // The phone's own length of a key press; the next one may begin when it is over.
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  async dial(uri: string): Promise<void> {
    await this.#command("dial", uri);
  }

  /** What the last call sounded like, from its answer on: complete when it is over. */
  heard(): Int16Array {
    const last = readdirSync(this.#folder)
      .filter((name) => name.endsWith("-dec.wav"))
      .toSorted()
      .at(-1);
    if (last === undefined) throw new Error("The phone heard nothing yet.");
    return samplesOfWav(readFileSync(join(this.#folder, last)));
  }

  async stop(): Promise<void> {
    running.delete(this);
    this.#control?.destroy();
    if (hasEnded(this.#child)) return;
    const gone = new Promise<void>((resolve) => void this.#child.once("exit", () => resolve()));
    this.#child.kill("SIGKILL");
    await gone;
  }

  async #openControl(port: number): Promise<void> {
    let socket: Socket | undefined;
    await until(`baresip's control port opens: ${this.#output}`, 15_000, async () => {
      if (hasEnded(this.#child)) throw new Error(`baresip ended: ${this.#output}`);
      socket = await tryConnect(port);
      return socket !== undefined;
    });
    this.#control = socket;
    let rest: Buffer = Buffer.alloc(0);
    socket?.on("data", (chunk: Buffer) => (rest = this.#read(Buffer.concat([rest, chunk]))));
    socket?.on("error", () => undefined);
  }

  #read(bytes: Buffer): Buffer {
    for (let rest = bytes; ;) {
      const colon = rest.indexOf(":");
      const length = Number(rest.subarray(0, Math.max(colon, 0)).toString("latin1"));
      if (colon < 0 || rest.length < colon + 1 + length + 1) return rest;
      this.#take(JSON.parse(rest.subarray(colon + 1, colon + 1 + length).toString("utf8")) as Record<string, unknown>); // its protocol
      rest = rest.subarray(colon + length + 2);
    }
  }

  #take(message: Record<string, unknown>): void {
    if (message["event"] === true) {
      const { type, param } = message;
      this.events.push({ type: typeof type === "string" ? type : "", param: typeof param === "string" ? param : "" });
      return;
    }
    const token = String(message["token"]);
    this.#answers.get(token)?.(typeof message["data"] === "string" ? message["data"] : "");
    this.#answers.delete(token);
  }

  #command(command: string, params = ""): Promise<string> {
    const token = String((this.#token += 1));
    const text = JSON.stringify({ command, params, token });
    return new Promise((resolve) => {
      this.#answers.set(token, resolve);
      this.#control?.write(`${Buffer.byteLength(text)}:${text},`);
    });
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

function tryConnect(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}

function accountLine(user: string, options: BaresipOptions): string {
  const { registrar, password = trunkPassword, transport = "udp", codecs = ["pcmu", "pcma"] } = options;
  const parts = [
    registrar === undefined ? `<sip:${user}@127.0.0.1>` : `<sip:${user}@${trunkRealm};transport=${transport}>`,
    ...(registrar === undefined
      ? ["regint=0"]
      : [`auth_user=${user}`, `auth_pass=${password}`, `outbound="sip:127.0.0.1:${registrar};transport=${transport}"`, "regint=60"]),
    `audio_codecs=${codecs.map((codec) => `${codec}/8000/1`).join(",")}`,
    `answermode=${options.answersItself === true ? "auto" : "manual"}`,
    ...(options.isEncrypted === true ? ["mediaenc=srtp-mand"] : []),
  ];
  return `${parts.join(";")}\n`;
}

function configLines(folder: string, sipPort: number, rtpPort: number, controlPort: number, options: BaresipOptions): string[] {
  return [
    "poll_method epoll",
    `sip_listen 127.0.0.1:${sipPort}`,
    "call_local_timeout 120",
    `call_max_calls ${options.calls ?? 1}`,
    "audio_player aubridge,sink",
    `audio_source aufile,${join(folder, "hum.wav")}`,
    "audio_alert aubridge,alert",
    "ausrc_srate 8000",
    "auplay_srate 8000",
    "ausrc_channels 1",
    "auplay_channels 1",
    "audio_txmode poll",
    `rtp_ports ${rtpPort}-${rtpPort + 4 * (options.calls ?? 1) + 19}`,
    "rtp_timeout 60",
    "module_path /usr/lib/baresip/modules",
    "module g711.so",
    "module aufile.so",
    "module aubridge.so",
    "module sndfile.so",
    ...(options.isEncrypted === true ? ["module srtp.so"] : []),
    `snd_path ${folder}`,
    "module_tmp account.so",
    "module_app menu.so",
    "module_app ctrl_tcp.so",
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
  ];
}
