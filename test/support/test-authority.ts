import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOnce } from "./daemons.ts";

/** Files of a certificate and its key, and the same as texts. */
export interface TestCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface CertificateWishes {
  readonly name: string;
  /** Subject alternative names, such as `DNS:localhost`. */
  readonly names?: readonly string[];
  /** Days from now, negative for the past; 30 when absent. */
  readonly from?: number;
  readonly until?: number;
}

/** An authority of its own in a folder, with an intermediate: certificates that are right, and wrong in one way each. */
export class TestAuthority {
  readonly #folder: string;
  readonly #root: TestCertificate;
  readonly #middle: TestCertificate;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#root = this.selfSigned({ name: "root", until: 3650 }, "CA:TRUE");
    this.#middle = this.#issue({ name: "middle", until: 1000 }, this.#root, "CA:TRUE");
  }

  /** The root's certificate, PEM. */
  get root(): string {
    return this.#root.cert;
  }

  /** By the intermediate; the file holds both. */
  issue(wishes: CertificateWishes): TestCertificate {
    const leaf = this.#issue(wishes, this.#middle, "CA:FALSE");
    const cert = leaf.cert + this.#middle.cert;
    writeFileSync(leaf.certFile, cert);
    return { ...leaf, cert };
  }

  /** As {@link issue}, but the server forgets to send the intermediate. */
  issueAlone(wishes: CertificateWishes): TestCertificate {
    return this.#issue(wishes, this.#middle, "CA:FALSE");
  }

  selfSigned(wishes: CertificateWishes, constraint = "CA:FALSE"): TestCertificate {
    return this.#issue(wishes, undefined, constraint);
  }

  #issue(
    { name, names = ["DNS:localhost"], from = -1, until = 30 }: CertificateWishes,
    by: TestCertificate | undefined,
    constraint: string,
  ): TestCertificate {
    const base = join(this.#folder, name);
    const keyFile = `${base}.key`;
    const certFile = `${base}.pem`;
    const home = `${base}.ca`;
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "index.txt"), "");
    const config = `${base}.cnf`;
    writeFileSync(
      config,
      `[ca]\ndefault_ca=d\n[d]\ndatabase=${home}/index.txt\nnew_certs_dir=${home}\nrand_serial=yes\ndefault_md=sha256\npolicy=p\nx509_extensions=x\nunique_subject=no\n` +
        `[p]\ncommonName=supplied\n[x]\nbasicConstraints=critical,${constraint}\n${constraint === "CA:TRUE" ? "" : `subjectAltName=${names.join(",")}\n`}` +
        `[req]\nprompt=no\ndistinguished_name=n\n[n]\nCN=Test ${name}\n`,
    );
    const csr = `${base}.csr`;
    runOnce("openssl", [
      "req",
      "-new",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-keyout",
      keyFile,
      "-config",
      config,
      "-out",
      csr,
    ]);
    const signer = by ? ["-cert", by.certFile, "-keyfile", by.keyFile] : ["-selfsign", "-keyfile", keyFile];
    const time = (days: number): string =>
      new Date(Date.now() + days * 86_400_000)
        .toISOString()
        .replace(/\.\d+Z$/u, "Z")
        .replace(/[-:T]/gu, "");
    runOnce("openssl", [
      "ca",
      "-batch",
      "-notext",
      "-config",
      config,
      "-in",
      csr,
      "-out",
      certFile,
      "-startdate",
      time(from),
      "-enddate",
      time(until),
      ...signer,
    ]);
    return { certFile, keyFile, cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  }
}
