import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { minutes, unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { FixtureReader } from "#test/agent/fixture-reader";
import { damaged, neverAborted, optionsOf, RecordedPrograms, repeatable } from "#test/agent/integration-rig";
import { FakeClock } from "#test/fake-clock";
import type { Integration } from "../integration.ts";
import { sumOfErrorStats } from "./counters.ts";
import { makeFilesystemErrors, type KernelOutside } from "./index.ts";
import { classify, parseKmsg } from "./kernel-lines.ts";
import { parseJournalLine, type KernelLine, type KernelLog } from "./kernel-log.ts";
import { judgeArray, parseMdstat } from "./mdstat.ts";
import { judgeMounts, parseMountinfo, readOnlyInFstab } from "./mounts.ts";

describe("lines of the kernel", () => {
  test.each([
    ["blk_update_request: I/O error, dev sda, sector 976773167 op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 0", "io sda warning"],
    ["critical medium error, dev nvme0n1, sector 12345 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2", "io nvme0n1 warning"],
    ["Buffer I/O error on dev sdb1, logical block 243, lost async page write", "io sdb1 warning"],
    ["sd 2:0:0:0: [sdc] tag#21 Sense Key : Medium Error [current] ", "io sdc warning"],
    ["nvme nvme0: I/O 512 QID 4 timeout, aborting", "io nvme0 warning"],
    ["nvme nvme1: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10", "io nvme1 warning"],
    ["ata1.00: exception Emask 0x10 SAct 0x40000000 SErr 0x280100 action 0x6 frozen", "link ata1 warning"],
    ["ata3: hard resetting link", "link ata3 warning"],
    ["ata1.00: error: { UNC }", "link ata1 warning"],
    ["EXT4-fs error (device sda2): ext4_lookup:1590: inode #2: comm ls: deleted inode referenced: 12", "ext4 sda2 critical"],
    ["EXT4-fs (dm-0): Remounting filesystem read-only", "ext4 dm-0 critical"],
    ["EXT4-fs (sda1): warning: mounting fs with errors, running e2fsck is recommended", "ext4 sda1 warning"],
    ["EXT4-fs (sda1): error count since last fsck: 4", "ext4 sda1 warning"],
    ["Aborting journal on device sda2-8.", "ext4 sda2-8 critical"],
    ["JBD2: I/O error when updating journal superblock for sda2-8.", "ext4  critical"],
    ["XFS (sdb1): Metadata corruption detected at xfs_agf_read_verify+0x6d/0x100 [xfs], xfs_agf block 0x1", "xfs sdb1 critical"],
    ["XFS (sdb1): log I/O error -5", "xfs sdb1 critical"],
    ["XFS (sdb1): Filesystem has been shut down due to log error (0x2).", "xfs sdb1 critical"],
    ["BTRFS error (device sdc1): bad tree block start, want 30408704 have 0", "btrfs sdc1 critical"],
    ["BTRFS warning (device sdc1): csum failed root 5 ino 257 off 0 csum 0x1 expected csum 0x2 mirror 1", "btrfs sdc1 critical"],
    ["BTRFS error (device sdc1 state EA): Transaction aborted (error -5)", "btrfs sdc1 critical"],
    ["BTRFS info (device sdc1): forced readonly", "btrfs sdc1 critical"],
    ["md/raid1:md0: Disk failure on sdb1, disabling device.", "raid md0 critical"],
    ["md/raid:md1: read error corrected (8 sectors at 1234 on sda3)", "raid md1 warning"],
  ])("%s", (line, expected) => {
    const trouble = classify(line);
    expect(trouble && `${trouble.kind} ${trouble.device} ${trouble.isCritical ? "critical" : "warning"}`).toBe(expected);
  });

  test.each([
    "EXT4-fs (vda): mounted filesystem with ordered data mode. Opts: (null). Quota mode: none.",
    "XFS (sdb1): Ending clean mount",
    "BTRFS info (device sdc1): using crc32c (crc32c-intel) checksum algorithm",
    "md/raid1:md0: active with 2 out of 2 mirrors",
    "ata1: SATA link up 6.0 Gbps (SStatus 133 SControl 300)",
    "blk_update_request: I/O error, dev sr0, sector 0 op 0x0:(READ) flags 0x80700",
    "blk_update_request: I/O error, dev fd0, sector 0",
    "sd 2:0:0:0: [sdc] Attached SCSI disk",
    "",
  ])("says nothing: %s", (line) => {
    expect(classify(line)).toBeUndefined();
  });

  test("a record is its own text, without properties, and what a program wrote there does not count", () => {
    const record = "3,1234,98765432,-;EXT4-fs error (device sda2): a\\x20b\n SUBSYSTEM=block\n DEVICE=b8:2\n";
    expect(parseKmsg(record)).toEqual({ sequence: 1234, sinceBoot: 98_765_432, text: "EXT4-fs error (device sda2): a b" });
    expect(parseKmsg("11,1235,98765433,-;EXT4-fs error (device sda2): written by anybody")).toBeUndefined(); // facility 1: user
  });

  test("a line of the journal has its time and place", () => {
    const line = { __CURSOR: "s=1;i=2", __REALTIME_TIMESTAMP: "1795300000123456", MESSAGE: "XFS (sdb1): log I/O error -5", PRIORITY: "1" };
    expect(parseJournalLine(JSON.stringify(line))).toEqual({ at: 1_795_300_000_123.456, text: line.MESSAGE, cursor: "s=1;i=2" });
    expect(parseJournalLine(JSON.stringify({ ...line, MESSAGE: [69, 255] }))?.text).toBe("");
    expect(parseJournalLine("")).toBeUndefined();
  });
});

const mountinfo = (superOptions: string, mountOptions = "rw,relatime"): string =>
  [
    "22 27 0:20 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw",
    `27 1 8:2 / / ${mountOptions} shared:1 - ext4 /dev/sda2 ${superOptions}`,
    "30 27 8:2 /var/lib /var/lib ro,relatime shared:1 - ext4 /dev/sda2 rw,errors=remount-ro",
    "31 27 7:0 / /snap/core/1 ro,nodev,relatime shared:2 - squashfs /dev/loop0 ro",
    "32 27 8:17 / /mnt/with\\040blank rw,relatime - xfs /dev/sdb1 rw,attr2",
  ].join("\n");

describe("mounts", () => {
  test("a file system that is itself read-only is told, a read-only mount of a writable one is not", () => {
    expect(parseMountinfo(mountinfo("rw,errors=remount-ro", "ro,relatime")).map(({ path, isReadOnly }) => [path, isReadOnly])).toEqual([
      ["/", false],
      ["/mnt/with blank", false],
    ]);
    const mounts = parseMountinfo(mountinfo("ro,errors=remount-ro"));
    expect(judgeMounts(mounts, () => false)).toEqual([{ status: "CRITICAL", text: "/ (ext4 on /dev/sda2) is read-only" }]);
    expect(judgeMounts(mounts, (path) => path === "/")).toEqual([]);
  });

  test("fstab tells what is read-only on purpose", () => {
    const text = "# /dev/sda9 /no ext4 ro 0 1\nUUID=1 / ext4 errors=remount-ro 0 1\nLABEL=data /mnt/with\\040blank xfs noatime,ro 0 2\n";
    expect([...readOnlyInFstab(text)]).toEqual(["/mnt/with blank"]);
  });
});

const mdstat = `Personalities : [raid1] [raid6] [raid5] [raid4]
md0 : active raid1 sdb1[1] sda1[0]
      976630464 blocks super 1.2 [2/2] [UU]
      bitmap: 0/8 pages [0KB], 65536KB chunk

md1 : active raid5 sdd1[4] sdc1[2](F) sdb2[1] sda2[0]
      1953260544 blocks super 1.2 level 5, 512k chunk, algorithm 2 [3/2] [UU_]
      [==>..................]  recovery = 12.6% (123456/976630272) finish=95.1min speed=149422K/sec

md2 : inactive sde1[0](S)
      976630464 blocks super 1.2

md3 : active (auto-read-only) raid0 sdf1[0] sdg1[1]
      1953260544 blocks 512k chunks

unused devices: <none>
`;

test("software RAID: whole, degraded while it rebuilds, inactive, and a level that has nothing to lose", () => {
  const arrays = parseMdstat(mdstat);
  expect(arrays.map(({ name, level, working, wanted }) => [name, level, working, wanted])).toEqual([
    ["md0", "raid1", 2, 2],
    ["md1", "raid5", 2, 3],
    ["md2", "", undefined, undefined],
    ["md3", "raid0", undefined, undefined],
  ]);
  expect(arrays.map((array) => judgeArray(array).map(({ status, text }) => `${status} ${text}`))).toEqual([
    [],
    ["CRITICAL md1 has 2 of 3 devices, recovery at 12.6 %", "CRITICAL md1: sdc1 failed"],
    ["CRITICAL md2 is inactive"],
    [],
  ]);
});

test("btrfs' counters are added", () => {
  expect(sumOfErrorStats("write_errs 3\nread_errs 1\nflush_errs 0\ncorruption_errs 2\ngeneration_errs 0\n")).toBe(6);
});

describe("the integration", () => {
  let folder: string;
  let clock: FakeClock;
  let reader: FixtureReader;
  let lines: KernelLine[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "hinoban-fs-"));
    clock = new FakeClock();
    reader = new FixtureReader();
    lines = [];
    reader.files.set("/proc/self/mountinfo", mountinfo("rw,errors=remount-ro"));
    reader.files.set("/proc/sys/kernel/random/boot_id", "0c0ffee0\n");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const kmsg: KernelOutside["openKmsg"] = (after) => {
    let sequence = after;
    const log: KernelLog = {
      get place() {
        return { sequence, cursor: "" };
      },
      read: async () => {
        const fresh = lines.slice(sequence + 1);
        sequence = lines.length - 1;
        return fresh;
      },
      close: () => undefined,
    };
    return log;
  };
  const denied: KernelOutside["openKmsg"] = () => {
    throw new HinobanError("forbidden", "/dev/kmsg cannot be opened (EPERM: operation not permitted)");
  };

  const make = (values: object = {}, outside: Partial<KernelOutside> = {}): Integration =>
    makeFilesystemErrors(
      optionsOf({ ...values }, "filesystem-errors"),
      { clock, reader, platform: "linux", stateFolder: async () => folder },
      "filesystem-errors",
      { openKmsg: kmsg, run: new RecordedPrograms().run, ...outside },
    );
  const states = async (integration: Integration): Promise<readonly string[]> =>
    ((await integration.collect(neverAborted())).checks ?? []).map(({ name, status, message }) => `${name} ${status}: ${message}`);

  test("is quiet on a healthy machine", async () => {
    expect(await states(make())).toEqual([
      "filesystem-errors read-only OK: every file system on a disk is writable",
      "filesystem-errors OK: no errors of disks and file systems",
    ]);
  });

  test("a file system that becomes read-only is critical at once, also when fstab once allowed it", async () => {
    reader.files.set("/etc/fstab", "UUID=1 / ext4 ro 0 1\n");
    const integration = make();
    await states(integration);
    reader.files.set("/proc/self/mountinfo", mountinfo("ro,errors=remount-ro"));
    expect((await states(integration))[0]).toBe("filesystem-errors read-only CRITICAL: / (ext4 on /dev/sda2) is read-only");
    expect((await states(make()))[0]).toContain("OK"); // an agent that never saw it writable believes fstab
  });

  test("lines are counted in their minute and remembered for a day, over a restart of the agent", async () => {
    lines.push({ at: unixMs(clock.now() - minutes(30)), text: "I/O error, dev sda, sector 1" });
    const integration = make();
    const first = await integration.collect(neverAborted());
    expect(first.metrics).toMatchObject({ "custom.filesystem_errors.kernel.io": 0, "custom.filesystem_errors.kernel.ext4": 0 }); // half an hour old
    expect(first.checks?.[1]).toMatchObject({ status: "WARNING", message: 'sda: "I/O error, dev sda, sector 1"' });
    await clock.advance(minutes(1));
    lines.push({ at: clock.now(), text: "I/O error, dev sda, sector 2" }, { at: clock.now(), text: "EXT4-fs error (device sda2): bad" });
    const second = await integration.collect(neverAborted());
    expect(second.metrics).toMatchObject({ "custom.filesystem_errors.kernel.io": 1, "custom.filesystem_errors.kernel.ext4": 1 });
    expect(second.checks?.[1]).toMatchObject({
      status: "CRITICAL",
      message: 'sda2: "EXT4-fs error (device sda2): bad"; sda: 2 times, last "I/O error, dev sda, sector 2"',
    });
    const again = make();
    expect((await again.collect(neverAborted())).metrics).toMatchObject({ "custom.filesystem_errors.kernel.io": 0 });
    await clock.advance(minutes(60));
    expect((await states(again))[1]).toContain("CRITICAL");
    await clock.advance(minutes(1440));
    expect((await states(again))[1]).toContain("OK");
  });

  test("after the machine has started anew, its log is read from the beginning", async () => {
    lines.push({ at: clock.now(), text: "hello" }, { at: clock.now(), text: "hello" });
    await states(make());
    reader.files.set("/proc/sys/kernel/random/boot_id", "5eed\n");
    lines = [{ at: clock.now(), text: "XFS (sdb1): log I/O error -5" }];
    expect((await states(make()))[1]).toContain("CRITICAL");
  });

  test("what ext4 and btrfs count is told with what clears it", async () => {
    reader.folders.set("/sys/fs/ext4", ["features", "sda2"]);
    reader.files.set("/sys/fs/ext4/sda2/errors_count", "4\n");
    reader.files.set("/sys/fs/ext4/sda2/last_error_time", "1795300000\n");
    reader.folders.set("/sys/fs/btrfs", ["features", "0b-1"]);
    reader.folders.set("/sys/fs/btrfs/0b-1/devinfo", ["1"]);
    reader.folders.set("/sys/fs/btrfs/0b-1/devices", ["sdc1"]);
    reader.files.set("/sys/fs/btrfs/0b-1/devinfo/1/error_stats", "write_errs 1\nread_errs 0\n");
    const { metrics, checks } = await make().collect(neverAborted());
    expect(checks?.[1]).toMatchObject({
      status: "WARNING",
      message:
        "ext4 on sda2 counted 4 errors, the last 2026-11-21T22:26:40Z (e2fsck clears it); btrfs on sdc1 counted 1 errors (`btrfs device stats --reset` clears it)",
    });
    expect(metrics).toMatchObject({ "custom.filesystem_errors.counted.sda2.errors": 4, "custom.filesystem_errors.counted.sdc1.errors": 1 });
  });

  test("each array has a check and metrics of its own", async () => {
    reader.files.set("/proc/mdstat", mdstat);
    const integration = make();
    const { metrics, checks } = await integration.collect(neverAborted());
    expect(checks?.slice(2).map(({ name, status }) => `${name} ${status}`)).toEqual([
      "mdraid md0 OK",
      "mdraid md1 CRITICAL",
      "mdraid md2 CRITICAL",
      "mdraid md3 OK",
    ]);
    expect(metrics).toMatchObject({ "custom.mdraid.md1.working": 2, "custom.mdraid.md1.missing": 1 });
    reader.files.set("/proc/mdstat", mdstat.replace(/md2 : .*\n.*\n/u, ""));
    expect(await states(integration)).toContain("mdraid md2 CRITICAL: md2 was here and is gone");
  });

  test("who may not read the ring buffer reads the journal, and without both the check says so but stays useful", async () => {
    const programs = new RecordedPrograms();
    const journal = "journalctl --dmesg --boot --output=json --no-pager --quiet --lines=2000";
    programs.ends.set("journalctl --version", { stdout: "systemd 252" });
    const line = { __CURSOR: "s=9", __REALTIME_TIMESTAMP: String(clock.now() * 1000), MESSAGE: "XFS (sdb1): log I/O error -5" };
    programs.ends.set(journal, { stdout: `${JSON.stringify(line)}\n` });
    const integration = make({}, { openKmsg: denied, run: programs.run });
    expect((await states(integration))[1]).toContain("CRITICAL");
    programs.ends.set(`${journal} --after-cursor=s=9`, {
      code: 1,
      stderr: "No journal files were opened due to insufficient permissions.\n",
    });
    const message = (await states(integration))[1] ?? "";
    expect(message).toContain("CRITICAL"); // still remembered
    await clock.advance(minutes(2));
    expect((await states(make({ remember_minutes: 1 }, { openKmsg: denied })))[1]).toContain("/dev/kmsg cannot be opened (EPERM");
    await expect(make({ kernel_log: "kmsg" }, { openKmsg: denied }).collect(neverAborted())).rejects.toThrow("/dev/kmsg cannot be opened");
    expect((await states(make({ kernel_log: "none" })))[1]).toContain("filesystem-errors OK");
  });

  test("a state folder that cannot be written hides nothing", async () => {
    const gone = join(folder, "gone");
    await mkdir(gone);
    const integration = makeFilesystemErrors(
      optionsOf({}, "filesystem-errors"),
      { clock, reader, platform: "linux", stateFolder: () => Promise.reject(new Error("read-only file system")) },
      "filesystem-errors",
      { openKmsg: kmsg, run: new RecordedPrograms().run },
    );
    await chmod(gone, 0o500);
    lines.push({ at: clock.now(), text: "EXT4-fs (sda2): Remounting filesystem read-only" });
    expect((await states(integration))[1]).toContain("CRITICAL");
  });
});

test("200,000 damaged inputs for each parser are read without an exception", () => {
  const random = repeatable(13);
  const record = "3,1234,98765432,-;EXT4-fs error (device sda2): ext4_lookup:1590: inode #2\n SUBSYSTEM=block\n";
  const infos = mountinfo("ro");
  const journal = JSON.stringify({ __CURSOR: "s=9", __REALTIME_TIMESTAMP: "1795300000123456", MESSAGE: "ata1.00: exception Emask 0x10" });
  for (let round = 0; round < 200_000; round += 1) {
    const parsed = parseKmsg(damaged(record, random));
    if (parsed) classify(parsed.text);
    for (const array of parseMdstat(damaged(mdstat, random))) judgeArray(array);
    parseMountinfo(damaged(infos, random));
    parseJournalLine(damaged(journal, random));
  }
});

test("a line made to be slow is not", () => {
  const started = process.cpuUsage().user;
  for (const start of ["sd 1:1:1:1:", "EXT4-fs (", "XFS (sda1): ", "BTRFS warning (device sda1): "]) {
    for (const filler of ["a", " ", "1:", "(device ", "I/O error"]) classify(start + filler.repeat(100_000));
  }
  expect(process.cpuUsage().user - started).toBeLessThan(2_000_000);
});
