import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const name = "hts-voice-nitech-jp-atr503-m001";
const voice = "/usr/share/hts-voice/nitech-jp-atr503-m001/nitech_jp_atr503_m001.htsvoice";

/** @param {readonly string[]} words @param {Partial<import("node:child_process").SpawnSyncOptions>} [options] */
const apt = (words, options = {}) =>
  spawnSync("apt-get", words, { stdio: "inherit", ...options, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" } })
    .status === 0;

/** The archive that this machine installs Debian from, and the name of its release. */
function archive() {
  const format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
  const known = spawnSync("apt-get", ["indextargets", "--format", format, "Created-By: Packages"], { encoding: "utf8" }).stdout ?? "";
  const [uri, release] =
    known
      .split("\n")
      .map((line) => line.split(" "))
      .find(([, suite, component]) => component === "main" && suite !== undefined && !/-(updates|security|backports)/.test(suite)) ?? [];
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "")?.[1];
  return { uri: uri ?? "http://deb.debian.org/debian/", release: release ?? codename ?? "stable" };
}

/**
 * The one voice for open_jtalk in Debian lies in the component `contrib`, which machines do not have by default. It is fetched with sources, lists and
 * a cache of its own, so that the machine's own settings stay as they are, and installed like any file.
 * @returns {string} empty when it is there, otherwise what a person has to do
 */
export function provideJapaneseVoice() {
  if (existsSync(voice)) return "";
  const advice = `The tests need a Japanese voice, which Debian has in its component contrib: ${name}\nEnable contrib and install it as root, or see docs/guide/en/speech.md.`;
  if (process.getuid?.() !== 0) return advice;
  console.log(`Installing ${name} for the tests`);
  const folder = mkdtempSync(join(tmpdir(), "hinoban-voice-"));
  try {
    const { uri, release } = archive();
    for (const part of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(folder, part), { recursive: true });
    writeFileSync(
      join(folder, "sources.list"),
      `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${uri} ${release} contrib\n`,
    );
    const own = [
      `Dir::Etc::sourcelist=${folder}/sources.list`,
      "Dir::Etc::sourceparts=/dev/null",
      `Dir::State::lists=${folder}/lists`,
      `Dir::Cache=${folder}/cache`,
      "APT::Sandbox::User=root", // the folder is nobody else's
    ].flatMap((option) => ["-o", option]);
    if (!apt([...own, "update"]) || !apt([...own, "download", name], { cwd: folder })) return advice;
    const file = readdirSync(folder).find((entry) => entry.startsWith(name) && entry.endsWith(".deb"));
    if (file === undefined || !apt(["install", "-y", "--no-install-recommends", join(folder, file)])) return advice;
    return existsSync(voice) ? "" : advice;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
