import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { manifestPath, readArchive, writeArchive } from "./archive.ts";
import { fileEntry, textEntry, type Entry } from "./entry.ts";
import { encodeHeader, padding, readTar, tarEnd } from "./tar.ts";

let directory = "";
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "hinoban-archive-"))));
afterEach(() => rmSync(directory, { recursive: true }));

const now = unixMs(Date.UTC(2026, 10, 22));
async function* of(...entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* entries;
}
const longName = `${"深い/".repeat(40)}名前.txt`;
const sample = (): AsyncGenerator<Entry> =>
  of(
    { kind: "directory", path: "empty" },
    textEntry("a.txt", "first"),
    textEntry(longName, "second"),
    textEntry("nothing", ""),
    textEntry("big", "x".repeat(300_000)),
  );

describe("an archive", () => {
  test("is listed and unpacked by the system's tar, long and Japanese names included", async () => {
    const file = join(directory, "a.tar.gz");
    await writeArchive(file, { entries: sample(), now });
    const listed = execFileSync("tar", ["tzf", file], { encoding: "utf8", env: { LC_ALL: "C.UTF-8", PATH: "/usr/bin:/bin" } })
      .trim()
      .split("\n");
    expect(listed).toEqual(
      ["empty/", "a.txt", longName, "nothing", "big", manifestPath].map((name) =>
        name === longName ? expect.stringContaining(".txt") : name,
      ),
    );
    const out = mkdtempSync(join(directory, "out-"));
    execFileSync("tar", ["xzf", file, "-C", out]);
    expect(readFileSync(join(out, longName), "utf8")).toBe("second");
    expect(statSync(join(out, "big")).size).toBe(300_000);
  });

  test("is private, reports its progress and comes back as it went in", async () => {
    const file = join(directory, "a.tar.gz");
    const seen: string[] = [];
    const { bytes, files } = await writeArchive(file, { entries: sample(), now, onProgress: (progress) => void seen.push(progress.path) });
    expect(statSync(file)).toMatchObject({ size: bytes });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(seen).toEqual(["a.txt", longName, "nothing", "big"]);
    const out = mkdtempSync(join(directory, "out-"));
    expect(await readArchive(file, out)).toEqual(files);
    expect(readFileSync(join(out, longName), "utf8")).toBe("second");
    expect(readdirSync(join(out, "empty"))).toEqual([]);
    expect(readdirSync(directory).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  test("is not overwritten unless that is asked for, and a failed writing leaves nothing", async () => {
    const file = join(directory, "a.tar.gz");
    await writeArchive(file, { entries: of(textEntry("a", "1")), now });
    await expect(writeArchive(file, { entries: sample(), now })).rejects.toMatchObject({ code: "conflict" });
    await writeArchive(file, { entries: of(textEntry("a", "2")), now, overwrite: true });
    async function* failing(): AsyncGenerator<Entry> {
      yield textEntry("a", "3");
      throw new Error("the disk broke");
    }
    await expect(writeArchive(file, { entries: failing(), now, overwrite: true })).rejects.toThrow("the disk broke");
    const out = mkdtempSync(join(directory, "out-"));
    await readArchive(file, out);
    expect(readFileSync(join(out, "a"), "utf8")).toBe("2");
    expect(readdirSync(directory).sort()).toEqual(["a.tar.gz", out.slice(directory.length + 1)].sort());
  });

  test("keeps the size a file had when it was opened, whatever happens to it meanwhile", async () => {
    const source = join(directory, "source");
    writeFileSync(source, "12345678");
    async function* shrinking(): AsyncGenerator<Entry> {
      for await (const entry of fileEntry("shrunk", source)) {
        writeFileSync(source, "123");
        yield entry;
      }
      yield* fileEntry("vanished", join(directory, "nowhere"));
    }
    const file = join(directory, "a.tar.gz");
    await writeArchive(file, { entries: shrinking(), now });
    const out = mkdtempSync(join(directory, "out-"));
    await readArchive(file, out);
    expect(readFileSync(join(out, "shrunk"), "latin1")).toBe("123\0\0\0\0\0");
    expect(readdirSync(out)).toEqual(["shrunk"]);
  });
});

describe("a damaged archive is refused", () => {
  const written = async (): Promise<{ file: string; out: string; plain: Buffer }> => {
    const file = join(directory, "a.tar.gz");
    await writeArchive(file, { entries: sample(), now });
    return { file, out: mkdtempSync(join(directory, "out-")), plain: gunzipSync(readFileSync(file)) };
  };

  test("naming the member whose content was changed", async () => {
    const { file, out, plain } = await written();
    plain.write("F", plain.indexOf("first"));
    writeFileSync(file, gzipSync(plain));
    await expect(readArchive(file, out)).rejects.toMatchObject({ code: "storage-damaged", facts: { member: "a.txt" } });
  });

  test("naming the member at which the compressed stream breaks", async () => {
    const { file, out } = await written();
    const bytes = readFileSync(file);
    bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 8);
    writeFileSync(file, bytes);
    await expect(readArchive(file, out)).rejects.toMatchObject({ code: "storage-damaged", message: expect.stringMatching(/damaged/u) });
  });

  test("when it is cut off anywhere", async () => {
    const { file, out } = await written();
    const bytes = readFileSync(file);
    for (const part of [0, 0.1, 0.5, 0.9, 0.999]) {
      writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length * part)));
      await expect(readArchive(file, mkdtempSync(join(out, "x")))).rejects.toMatchObject({ code: "storage-damaged" });
    }
  });

  test("when a member is missing or was added", async () => {
    const { file, out, plain } = await written();
    const at = plain.indexOf("a.txt\0");
    writeFileSync(file, gzipSync(Buffer.concat([plain.subarray(0, at), plain.subarray(at + 1024)])));
    await expect(readArchive(file, mkdtempSync(join(out, "x")))).rejects.toMatchObject({ facts: { member: "a.txt" } });
    const extra = Buffer.concat([encodeHeader({ path: "extra", kind: "file", size: 1, modifiedAt: 0 }), Buffer.from("x"), padding(1)]);
    writeFileSync(file, gzipSync(Buffer.concat([extra, plain])));
    await expect(readArchive(file, mkdtempSync(join(out, "x")))).rejects.toMatchObject({ facts: { member: "extra" } });
  });

  test("when a name leads out of the directory", async () => {
    const { file, out } = await written();
    for (const path of ["../evil", "/etc/evil", "a/../../evil", "./x"]) {
      writeFileSync(file, gzipSync(Buffer.concat([encodeHeader({ path, kind: "file", size: 0, modifiedAt: 0 }), tarEnd])));
      await expect(readArchive(file, out)).rejects.toMatchObject({ code: "storage-damaged", message: expect.stringContaining("outside") });
    }
  });

  test("when it is something else or not there", async () => {
    const file = join(directory, "note.txt");
    await expect(readArchive(file, directory)).rejects.toMatchObject({ code: "not-found" });
    writeFileSync(file, "hello");
    await expect(readArchive(file, directory)).rejects.toMatchObject({ code: "storage-damaged" });
  });
});

test("any name and size survives the header, in chunks of any size", async () => {
  const part = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
    .filter((s) => !/[/\\\0]/u.test(s) && s !== "." && s !== ".." && s.isWellFormed());
  const member = fc.record({
    path: fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/")),
    body: fc.uint8Array({ maxLength: 1500 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(member, { maxLength: 4 }), fc.integer({ min: 1, max: 3000 }), async (members, chunk) => {
      const parts = members.flatMap(({ path, body }) => [
        encodeHeader({ path, kind: "file", size: body.length, modifiedAt: 7 }),
        body,
        padding(body.length),
      ]);
      const whole = Buffer.concat([...parts, tarEnd]);
      async function* chunks(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < whole.length; at += chunk) yield whole.subarray(at, at + chunk);
      }
      const back: { path: string; body: string }[] = [];
      for await (const one of readTar(chunks())) {
        const read: Buffer[] = [];
        for await (const piece of one.body) read.push(Buffer.from(piece));
        back.push({ path: one.path, body: Buffer.concat(read).toString("hex") });
      }
      expect(back).toEqual(members.map(({ path, body }) => ({ path, body: Buffer.from(body).toString("hex") })));
    }),
    { numRuns: 200 },
  );
});

test("a size above 8 GiB is written the way tar understands", () => {
  const header = encodeHeader({ path: "big", kind: "file", size: 20 * 2 ** 30, modifiedAt: 0 });
  expect(header.toString("latin1")).toContain(` size=${20 * 2 ** 30}\n`);
});
