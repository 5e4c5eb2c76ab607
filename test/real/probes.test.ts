import { mkdirSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createSocket } from "node:dgram";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { NodeProber } from "#adapters/prober/prober";
import { freePort, giveAway, runOnce, startDaemon, withDaemons } from "#test/daemons";
import { openFolder } from "#test/folder";
import { TestAuthority, type TestCertificate } from "#test/test-authority";
import type { ProbeOutcome } from "#wire/probe-outcomes";
import type { HttpSpec, ProbeSpec } from "#wire/probe-specs";

withDaemons();
const folder = openFolder("hinoban-probes-");
let authority: TestAuthority;
let good: TestCertificate;
let prober: NodeProber;
const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

beforeAll(() => {
  authority = new TestAuthority(join(folder, "ca"));
  good = authority.issue({ name: "good", names: ["DNS:localhost", "IP:127.0.0.1"], until: 20 });
  prober = new NodeProber({ clock: new SystemClock(), allowedNetworks: ["127.0.0.0/8"], authorities: [authority.root] });
});

const probe = (spec: ProbeSpec): Promise<ProbeOutcome> => prober.probe({ timeoutSeconds: 5, ...spec });

describe("Mackerel's rules of external monitoring, against nginx", () => {
  let plain: number;
  let secure: number;

  beforeAll(async () => {
    [plain, secure] = [await freePort(), await freePort()];
    const home = join(folder, "nginx");
    mkdirSync(home);
    const config = `daemon off; master_process off; pid ${home}/pid; error_log ${home}/error.log; events {}
http { access_log off; client_body_temp_path ${home}/b; proxy_temp_path ${home}/p; fastcgi_temp_path ${home}/f; uwsgi_temp_path ${home}/u; scgi_temp_path ${home}/s;
gzip on; gzip_types text/plain; gzip_min_length 1;
server { listen 127.0.0.1:${plain}; listen 127.0.0.1:${secure} ssl; ssl_certificate ${good.certFile}; ssl_certificate_key ${good.keyFile};
default_type text/plain;
location = /ok { return 200 "Hello Example"; }
location = /echo { return 200 "$request_method|$http_user_agent|$http_cache_control|$http_authorization|$http_cookie|$http_x_own|$content_length"; }
location = /down { return 503; }
location = /one { add_header Set-Cookie "step=one; Path=/" always; return 302 /echo; }
location = /two { return 301 /one; }
location = /three { return 302 /two; }
location = /elsewhere { return 302 ftp://example.jp/; }
location = /sjis { default_type "text/plain; charset=Shift_JIS"; alias ${home}/sjis.txt; } } }`;
    writeFileSync(join(home, "sjis.txt"), Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea])); // 日本語
    writeFileSync(join(home, "conf"), config);
    giveAway(home);
    await startDaemon("nginx", ["-c", join(home, "conf")], { port: plain });
  });

  const web = (path: string, more: Partial<HttpSpec> = {}, isSecure = false): ProbeSpec => ({
    kind: "http",
    url: `http${isSecure ? "s" : ""}://localhost:${isSecure ? secure : plain}${path}`,
    timeoutSeconds: 5,
    ...more,
  });

  const cases: readonly [string, ReturnType<typeof web> | (() => ProbeSpec), object][] = [
    ["2xx is right", () => web("/ok"), { verdict: "ok", message: "200" }],
    ["3xx is right, and not followed by itself", () => web("/one"), { verdict: "ok", http: { status: 302, redirects: 0 } }],
    ["5xx is the bare status", () => web("/down"), { verdict: "answer-wrong", message: "503" }],
    ["an expected status", () => web("/down", { expectedStatusCode: 503 }), { verdict: "ok" }],
    ["another than the expected status", () => web("/ok", { expectedStatusCode: 201 }), { verdict: "answer-wrong", message: "200" }],
    ["a string that is there", () => web("/ok", { containsString: "Example" }), { verdict: "ok" }],
    [
      "a string that is not",
      () => web("/ok", { containsString: "missing" }),
      { verdict: "answer-wrong", message: '200, but the answer does not contain "missing"' },
    ],
    ["Japanese in Shift_JIS", () => web("/sjis", { containsString: "日本語" }), { verdict: "ok" }],
    [
      "one redirect, with its cookie",
      () => web("/one", { followRedirect: true, containsString: "step=one" }),
      { verdict: "ok", http: { redirects: 1 } },
    ],
    ["two redirects", () => web("/two", { followRedirect: true }), { verdict: "ok", http: { redirects: 2 } }],
    ["three redirects", () => web("/three", { followRedirect: true }), { verdict: "answer-wrong", message: "more than 2 redirects" }],
    ["a redirect to no website", () => web("/elsewhere", { followRedirect: true }), { verdict: "answer-wrong" }],
    ["User-Agent and Cache-Control", () => web("/echo", { containsString: "GET|hinoban-http-checker/" }), { verdict: "ok" }],
    ["no-cache unless headers say otherwise", () => web("/echo", { containsString: "|no-cache|" }), { verdict: "ok" }],
    ["own headers", () => web("/echo", { headers: [{ name: "X-Own", value: "here" }], containsString: "||here|" }), { verdict: "ok" }],
    [
      "own headers and an own User-Agent",
      () => web("/echo", { headers: [{ name: "user-agent", value: "me" }], containsString: "GET|me||" }),
      { verdict: "ok" },
    ],
    ["a POST with its body", () => web("/echo", { method: "POST", requestBody: "four", containsString: "POST|" }), { verdict: "ok" }],
    [
      "the user of the URL",
      () =>
        ({
          ...web("/echo", { containsString: `Basic ${Buffer.from("a b:p@ss").toString("base64")}` }),
          url: `http://a%20b:p%40ss@localhost:${plain}/echo`,
        }) as ProbeSpec,
      { verdict: "ok" },
    ],
    [
      "TLS with facts of the certificate",
      () => web("/ok", {}, true),
      { verdict: "ok", tls: { version: "TLSv1.2", certificate: { problems: [], names: ["localhost", "127.0.0.1"] } } },
    ],
    ["TLS by its address", () => ({ ...web("/ok", {}, true), url: `https://127.0.0.1:${secure}/ok` }) as ProbeSpec, { verdict: "ok" }],
    [
      "no IPv6 there",
      () => web("/ok", { family: "ipv6" }),
      { verdict: expect.stringMatching(/^(?:refused|name-unknown|address-denied|unreachable)$/u) },
    ],
  ];
  test.each(cases)("%s", async (_what, spec, expected) => {
    expect(await probe(typeof spec === "function" ? spec() : spec)).toMatchObject(expected);
  });

  test("the phases are told in order, and the time is the whole", async () => {
    const outcome = await probe(web("/ok", {}, true));
    expect(outcome.steps.map(({ phase }) => phase)).toEqual(["resolve", "connect", "tls", "request", "wait", "answer"]);
    expect(outcome.millis).toBeGreaterThanOrEqual(outcome.steps.reduce((sum, { millis }) => sum + millis, 0) * 0.5);
  });

  test("a certificate that nobody trusts fails unless it is skipped, and its facts are there either way", async () => {
    const strict = new NodeProber({ clock: new SystemClock(), allowedNetworks: ["127.0.0.0/8"] });
    const spec = web("/ok", {}, true);
    expect(await strict.probe(spec)).toMatchObject({ verdict: "certificate-issuer", tls: { certificate: { subject: "CN=Test good" } } });
    expect(await strict.probe({ ...spec, skipCertificateVerification: true } as ProbeSpec)).toMatchObject({
      verdict: "ok",
      tls: { certificate: { problems: ["certificate-issuer"] } },
    });
  });
});

describe("odd web servers", () => {
  const serve = async (answer: http.RequestListener): Promise<string> => {
    const server = http.createServer(answer).listen(0, "127.0.0.1");
    closers.push(() => (server.closeAllConnections(), server.close()));
    await new Promise((resolve) => void server.once("listening", resolve));
    return `http://localhost:${(server.address() as AddressInfo).port}/`;
  };

  test.each([
    [
      "a body without an end is read as far as a mebibyte",
      (_in: http.IncomingMessage, out: http.ServerResponse) => void setInterval(() => out.write("x".repeat(65_536)), 1).unref(),
      { verdict: "ok", http: { bodyBytes: 1024 * 1024 } },
    ],
    ["an answer that never comes", () => undefined, { verdict: "silent" }],
    [
      "headers and then nothing",
      (_in: http.IncomingMessage, out: http.ServerResponse) => void out.writeHead(200, { "content-length": "10" }).write("12"),
      { verdict: "answer-timed-out" },
    ],
    [
      "an answer that breaks off",
      (_in: http.IncomingMessage, out: http.ServerResponse) =>
        void out.writeHead(200, { "content-length": "10" }).write("12", () => out.destroy()),
      { verdict: expect.stringMatching(/^(?:closed-early|reset-after-bytes)$/u) },
    ],
    [
      "a bomb of zeros is not unfolded",
      (_in: http.IncomingMessage, out: http.ServerResponse) =>
        void import("node:zlib").then(({ gzipSync }) =>
          out.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(50_000_000))),
        ),
      { verdict: "ok", http: { bodyBytes: 1024 * 1024 } },
    ],
  ])("%s", async (_what, answer, expected) => {
    expect(await probe({ kind: "http", url: await serve(answer), timeoutSeconds: 2 })).toMatchObject(expected);
  });
});

describe("mail, directory and shell", () => {
  const ports = { imap: 0, imaps: 0, pop3: 0, pop3s: 0, ldap: 0, ldaps: 0, ssh: 0, smtp: 0, smtps: 0 };

  beforeAll(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    await Promise.all([startDovecot(), startSlapd(), startSshd(), startSmtp()]);
  });

  async function startDovecot(): Promise<void> {
    const home = join(folder, "dovecot");
    mkdirSync(home);
    const listener = (name: "imap" | "pop3"): string =>
      `service ${name}-login {\n chroot =\n inet_listener ${name} {\n port = ${ports[name]}\n }\n inet_listener ${name}s {\n port = ${ports[`${name}s`]}\n }\n}\n`;
    writeFileSync(
      join(home, "conf"),
      `protocols = imap pop3\nbase_dir = ${home}/run\nlog_path = ${home}/log\nssl = yes\nssl_cert = <${good.certFile}\nssl_key = <${good.keyFile}\nlisten = 127.0.0.1\n` +
        `mail_location = maildir:${home}/mail\ndefault_internal_user = nobody\ndefault_login_user = nobody\ndefault_internal_group = nogroup\n` +
        `passdb {\n driver = static\n args = password=x\n}\nuserdb {\n driver = static\n args = uid=65534 gid=65534 home=${home}/mail\n}\n${listener("imap")}${listener("pop3")}`,
    );
    await startDaemon("dovecot", ["-F", "-c", join(home, "conf")], { port: ports.imap });
  }

  async function startSlapd(): Promise<void> {
    const home = join(folder, "slapd");
    mkdirSync(join(home, "data"), { recursive: true });
    writeFileSync(
      join(home, "conf"),
      `include /etc/ldap/schema/core.schema\npidfile ${home}/pid\nTLSCertificateFile ${good.certFile}\nTLSCertificateKeyFile ${good.keyFile}\ndatabase ldif\nsuffix "dc=example,dc=jp"\ndirectory ${home}/data\n`,
    );
    await startDaemon(
      "slapd",
      ["-d", "0", "-f", join(home, "conf"), "-h", `ldap://127.0.0.1:${ports.ldap}/ ldaps://127.0.0.1:${ports.ldaps}/`],
      { port: ports.ldap },
    );
  }

  async function startSshd(): Promise<void> {
    mkdirSync("/run/sshd", { recursive: true });
    const key = join(folder, "host-key");
    runOnce("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    const options = [`ListenAddress=127.0.0.1`, "PidFile=none", "UsePAM=no"].flatMap((option) => ["-o", option]);
    await startDaemon("/usr/sbin/sshd", ["-D", "-e", "-f", "/dev/null", "-p", String(ports.ssh), "-h", key, ...options], {
      port: ports.ssh,
    });
  }

  async function startSmtp(): Promise<void> {
    for (const [port, secure] of [
      [ports.smtp, false],
      [ports.smtps, true],
    ] as const) {
      const server = new SMTPServer({ secure, key: good.key, cert: good.cert, banner: "Example mail", authOptional: true });
      server.on("error", () => undefined);
      closers.push(() => {
        server.close(() => undefined);
      });
      await new Promise<void>((resolve) => void server.listen(port, "127.0.0.1", resolve));
    }
  }

  const banner = (
    kind: "smtp" | "imap" | "pop3" | "ldap",
    port: number,
    tls: "none" | "starttls" | "implicit",
    expected?: string,
  ): ProbeSpec => ({
    kind,
    host: "localhost",
    port,
    tls,
    ...(expected === undefined ? {} : { expect: expected }),
  });

  test.each([
    ["SMTP", () => banner("smtp", ports.smtp, "none", "Example mail"), /^220 .*Example mail/u],
    ["SMTP with STARTTLS", () => banner("smtp", ports.smtp, "starttls"), /^220 /u],
    ["SMTP over TLS", () => banner("smtp", ports.smtps, "implicit"), /^220 /u],
    ["IMAP", () => banner("imap", ports.imap, "none", "Dovecot"), /Dovecot/u],
    ["IMAP with STARTTLS", () => banner("imap", ports.imap, "starttls"), /Dovecot/u],
    ["IMAP over TLS", () => banner("imap", ports.imaps, "implicit"), /Dovecot/u],
    ["POP3", () => banner("pop3", ports.pop3, "none"), /^\+OK/u],
    ["POP3 with STARTTLS", () => banner("pop3", ports.pop3, "starttls"), /^\+OK/u],
    ["POP3 over TLS", () => banner("pop3", ports.pop3s, "implicit"), /^\+OK/u],
    ["LDAP", () => banner("ldap", ports.ldap, "none", "dc=example,dc=jp"), /namingContexts=dc=example,dc=jp/u],
    ["LDAP with StartTLS", () => banner("ldap", ports.ldap, "starttls"), /supportedLDAPVersion=3/u],
    ["LDAP over TLS", () => banner("ldap", ports.ldaps, "implicit"), /supportedLDAPVersion=3/u],
    ["SSH", (): ProbeSpec => ({ kind: "ssh", host: "localhost", port: ports.ssh, expect: "OpenSSH" }), /^SSH-2\.0-OpenSSH/u],
  ])("%s answers", async (_what, spec, message) => {
    const asked = spec();
    const outcome = await probe(asked);
    expect(outcome).toMatchObject({ verdict: "ok" });
    expect(outcome.message).toMatch(message);
    if ("tls" in asked && asked.tls !== "none")
      expect(outcome.tls).toMatchObject({ certificate: { problems: [], names: ["localhost", "127.0.0.1"] } });
  });

  test.each([
    ["SMTP at the port of IMAP", () => banner("smtp", ports.imap, "none"), "protocol-wrong"],
    ["IMAP at the port of SSH", () => banner("imap", ports.ssh, "none"), "protocol-wrong"],
    ["POP3 at the port of SMTP", () => banner("pop3", ports.smtp, "none"), "protocol-wrong"],
    ["LDAP at the port of SSH", () => banner("ldap", ports.ssh, "none"), "protocol-wrong"],
    ["SSH at the port of IMAP", (): ProbeSpec => ({ kind: "ssh", host: "localhost", port: ports.imap }), "protocol-wrong"],
    ["a banner without the text", () => banner("imap", ports.imap, "none", "Cyrus"), "answer-wrong"],
    ["TLS from the first byte at a port without", () => banner("imap", ports.imap, "implicit"), "tls-not-spoken"],
    ["no TLS at a port with", () => banner("pop3", ports.pop3s, "none"), "silent"],
  ])("%s is told", async (_what, spec, verdict) => {
    expect(await prober.probe({ ...spec(), timeoutSeconds: 2 })).toMatchObject({ verdict });
  });

  test("the path to each is followed to its protocol", async () => {
    const path = (port: number, protocol?: "ssh" | "smtp" | "imap" | "pop3" | "ldap" | "tls"): ProbeSpec => ({
      kind: "path",
      host: "localhost",
      family: "ipv4",
      port,
      ...(protocol ? { protocol } : {}),
    });
    const found = await Promise.all(
      [
        path(ports.ssh),
        path(ports.imap),
        path(ports.smtp, "smtp"),
        path(ports.ldap, "ldap"),
        path(ports.ldaps),
        path(ports.pop3s, "tls"),
      ].map(probe),
    );
    expect(found.map(({ verdict }) => verdict)).toEqual(["ok", "ok", "ok", "ok", "ok", "ok"]);
    expect(found.map(({ message }) => message.split(" at ")[0])).toEqual([
      "SSH",
      "IMAP",
      expect.stringMatching(/^SMTP/u),
      "LDAP",
      "TLSv1.3",
      "TLSv1.3",
    ]);
  });
});

describe("names, against dnsmasq", () => {
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    const records = [
      "--local=/example.jp/",
      "--host-record=www.example.jp,192.0.2.80,2001:db8::80",
      "--mx-host=example.jp,mail.example.jp,10",
      "--txt-record=example.jp,v=spf1 -all",
      "--srv-host=_sip._tcp.example.jp,sip.example.jp,5060,10,20",
      "--cname=alias.example.jp,www.example.jp",
    ];
    const alone = ["--no-daemon", "--conf-file=/dev/null", "--bind-interfaces", "--no-resolv", "--no-hosts", "--user=root"];
    await startDaemon("dnsmasq", [...alone, `--port=${port}`, "--listen-address=127.0.0.1", ...records], { port });
  });

  const ask = (name: string, type: "A" | "AAAA" | "MX" | "TXT" | "CNAME" | "SRV" | "PTR" | "NS" | "SOA", more: object = {}): ProbeSpec => ({
    kind: "dns",
    name,
    type,
    server: "127.0.0.1",
    port,
    timeoutSeconds: 3,
    ...more,
  });

  test.each([
    ["A", () => ask("www.example.jp", "A", { expected: ["192.0.2.80"], exactly: true }), { verdict: "ok", answers: ["192.0.2.80"] }],
    ["AAAA", () => ask("www.example.jp", "AAAA", { expected: ["2001:0db8:0::80"] }), { verdict: "ok", answers: ["2001:db8::80"] }],
    ["MX", () => ask("example.jp", "MX", { expected: ["10 Mail.Example.JP."] }), { verdict: "ok", answers: ["10 mail.example.jp"] }],
    ["TXT", () => ask("example.jp", "TXT"), { verdict: "ok", answers: ["v=spf1 -all"] }],
    ["SRV", () => ask("_sip._tcp.example.jp", "SRV"), { verdict: "ok", answers: ["10 20 5060 sip.example.jp"] }],
    ["CNAME", () => ask("alias.example.jp", "CNAME"), { verdict: "ok", answers: ["www.example.jp"] }],
    ["PTR of an address", () => ask("192.0.2.80", "PTR"), { verdict: "ok", answers: ["www.example.jp"] }],
    [
      "an answer that is not there",
      () => ask("www.example.jp", "A", { expected: ["192.0.2.81"] }),
      { verdict: "answer-wrong", message: expect.stringMatching(/192\.0\.2\.81 is not among/u) },
    ],
    ["a name that does not exist", () => ask("no.example.jp", "A"), { verdict: "name-unknown" }],
    ["a name that shall not exist", () => ask("no.example.jp", "A", { expected: [], exactly: true }), { verdict: "ok", answers: [] }],
    ["a name without such a record", () => ask("www.example.jp", "MX"), { verdict: "answer-wrong" }],
    ["a server that refuses", () => ask("elsewhere.test", "A"), { verdict: "answer-wrong", message: expect.stringMatching(/EREFUSED/u) }],
  ])("%s", async (_what, spec, expected) => {
    expect(await prober.probe(spec())).toMatchObject(expected);
  });

  test.each([
    ["a name server that says nothing", () => undefined, "name-unanswered"],
    [
      "a name server that talks nonsense",
      (query: Buffer) => Buffer.concat([query.subarray(0, 2), Buffer.from([0x84, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0, 7, 1, 2])]),
      /^(?:protocol-wrong|answer-wrong|name-unanswered)$/u,
    ],
    ["a name server that answers a byte", () => Buffer.from([1]), /^(?:protocol-wrong|name-unanswered)$/u],
  ] as const)("%s", async (_what, answer, verdict) => {
    const socket = createSocket("udp4", (query, { port: back, address }) => {
      const bytes = answer(query);
      if (bytes) socket.send(bytes, back, address);
    });
    await new Promise<void>((resolve) => void socket.bind(0, "127.0.0.1", resolve));
    closers.push(() => socket.close());
    const outcome = await prober.probe({ ...ask("www.example.jp", "A"), port: socket.address().port, timeoutSeconds: 1 } as ProbeSpec);
    expect(outcome.verdict).toMatch(verdict);
  });
});

describe("ping and TCP", () => {
  test("this machine answers a ping, with times", async () => {
    expect(await probe({ kind: "ping", host: "127.0.0.1", count: 2 })).toMatchObject({
      verdict: "ok",
      ping: { sent: 2, received: 2, lossPercent: 0, averageMillis: expect.any(Number) },
    });
  });

  test("an address that nobody has does not", async () => {
    const outcome = await probe({ kind: "ping", host: "127.255.255.255", count: 1, timeoutSeconds: 3 });
    expect(outcome.verdict).toMatch(/^(?:no-reply|unreachable|cannot-probe)$/u);
  });

  test("what is expected over TCP is waited for, and something else is shown", async () => {
    const server = createServer((socket) =>
      socket.on("error", () => undefined).on("data", (data) => socket.write(`you said ${data.toString("latin1")}`)),
    ).listen(0, "127.0.0.1");
    closers.push(() => server.close());
    await new Promise((resolve) => void server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const tcp = (more: object): ProbeSpec => ({ kind: "tcp", host: "127.0.0.1", port, timeoutSeconds: 1, ...more });
    expect(await prober.probe(tcp({}))).toMatchObject({ verdict: "ok" });
    expect(await prober.probe(tcp({ send: "PING\\r\\n\\x00", expect: "said PING\\r\\n\\x00" }))).toMatchObject({ verdict: "ok" });
    expect(await prober.probe(tcp({ send: "a", expect: "b" }))).toMatchObject({
      verdict: "answer-wrong",
      message: expect.stringMatching(/no answer within|b did not come/u),
    });
    expect(await prober.probe(tcp({ expect: "b" }))).toMatchObject({ verdict: "silent" });
  });
});
