import { describe, expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { damaged, neverAborted, optionsOf, RecordedPrograms, repeatable } from "#test/agent/integration-rig";
import { diskSegment, parseDisk, parseScan } from "./disk-report.ts";
import { defaultLimits, judgeDisk } from "./health.ts";
import { makeSmart } from "./index.ts";

const smartctl = (exit: number, messages: readonly string[] = []): object => ({
  json_format_version: [1, 0],
  smartctl: {
    version: [7, 3],
    svn_revision: "5338",
    platform_info: "x86_64-linux-6.1.0-28-amd64",
    argv: ["smartctl", "--json", "-a"],
    ...(messages.length > 0 ? { messages: messages.map((string) => ({ string, severity: "error" })) } : {}),
    exit_status: exit,
  },
  local_time: { time_t: 1_795_300_000, asctime: "Sat Nov 21 22:26:40 2026 UTC" },
});

const attribute = (id: number, name: string, value: number, thresh: number, raw: string, whenFailed = ""): object => ({
  id,
  name,
  value,
  worst: value,
  thresh,
  when_failed: whenFailed,
  flags: { value: 51, string: "PO--CK ", prefailure: true, updated_online: true },
  raw: { value: Number.parseInt(raw, 10), string: raw },
});

const ata = (attributes: readonly object[], passed = true, exit = 0): string =>
  JSON.stringify({
    ...smartctl(exit),
    device: { name: "/dev/sda", info_name: "/dev/sda [SAT]", type: "sat", protocol: "ATA" },
    model_family: "Example Archive",
    model_name: "EXAMPLE EX4000",
    serial_number: "EX-1234",
    rotation_rate: 5400,
    smart_support: { available: true, enabled: true },
    smart_status: { passed },
    ata_smart_attributes: { revision: 16, table: attributes },
    power_on_time: { hours: 31_002 },
    temperature: { current: 33 },
  });

const healthy = [
  attribute(5, "Reallocated_Sector_Ct", 200, 140, "0"),
  attribute(187, "Reported_Uncorrect", 100, 0, "0"),
  attribute(194, "Temperature_Celsius", 117, 0, "33 (Min/Max 18/45)"),
  attribute(197, "Current_Pending_Sector", 200, 0, "0"),
  attribute(198, "Offline_Uncorrectable", 100, 0, "0"),
  attribute(199, "UDMA_CRC_Error_Count", 200, 0, "12"),
];

const scsi = (passed: boolean, uncorrected: number): string =>
  JSON.stringify({
    ...smartctl(0),
    device: { name: "/dev/sdb", info_name: "/dev/sdb", type: "scsi", protocol: "SCSI" },
    scsi_vendor: "EXAMPLE",
    scsi_product: "EX600MM",
    scsi_model_name: "EXAMPLE EX600MM",
    serial_number: "S0M1",
    device_type: { scsi_value: 0, name: "disk" },
    smart_status: passed
      ? { passed }
      : { passed, scsi: { asc: 93, ascq: 16, ie_string: "FAILURE PREDICTION THRESHOLD EXCEEDED [asc=5d, ascq=10]" } },
    temperature: { current: 38, drive_trip: 60 },
    power_on_time: { hours: 9000, minutes: 12 },
    scsi_grown_defect_list: 0,
    scsi_error_counter_log: {
      read: { total_errors_corrected: 9, gigabytes_processed: "11523.849", total_uncorrected_errors: uncorrected },
      write: { total_errors_corrected: 0, gigabytes_processed: "800.1", total_uncorrected_errors: 1 },
    },
  });

const nvme = (log: object): string =>
  JSON.stringify({
    ...smartctl(0),
    device: { name: "/dev/nvme0", info_name: "/dev/nvme0", type: "nvme", protocol: "NVMe" },
    model_name: "EXAMPLE NV1",
    serial_number: "N1",
    smart_status: { passed: true, nvme: { value: 0 } },
    nvme_smart_health_information_log: {
      critical_warning: 0,
      temperature: 41,
      available_spare: 100,
      available_spare_threshold: 10,
      percentage_used: 4,
      data_units_written: 65_602_088,
      power_on_hours: 12_798,
      media_errors: 0,
      ...log,
    },
    temperature: { current: 41 },
    power_on_time: { hours: 12_798 },
  });

const judged = (text: string): { status: string; message: string } => {
  const answer = parseDisk(text);
  if (answer.kind !== "report") throw new Error(`no report but ${answer.kind}`);
  return judgeDisk(answer.report, defaultLimits);
};

describe("what a disk says", () => {
  test("an ATA disk without lost sectors is fine, and CRC errors on its cable only count", () => {
    expect(judged(ata(healthy))).toEqual({
      status: "OK",
      message: "EXAMPLE EX4000 EX-1234: SMART health PASSED, temperature 33 °C, 31002 hours on",
    });
    expect(parseDisk(ata(healthy))).toMatchObject({
      report: { measures: { temperature: 33, power_on_hours: 31_002, reallocated: 0, pending: 0, uncorrectable: 0, crc_errors: 12 } },
    });
  });

  test("one reallocated, pending or uncorrectable sector is a warning", () => {
    for (const [id, name, word] of [
      [5, "Reallocated_Sector_Ct", "reallocated"],
      [197, "Current_Pending_Sector", "pending"],
      [198, "Offline_Uncorrectable", "uncorrectable"],
    ] as const) {
      const verdict = judged(ata([...healthy.filter((entry) => !("id" in entry && entry.id === id)), attribute(id, name, 100, 36, "1")]));
      expect(verdict).toEqual({ status: "WARNING", message: `EXAMPLE EX4000 EX-1234: 1 ${word}` });
    }
  });

  test("a disk that fails its own judgement is critical although smartctl ends with code 216", () => {
    const failing = ata(
      [attribute(5, "Reallocated_Sector_Ct", 1, 5, "1975", "now"), attribute(197, "Current_Pending_Sector", 100, 0, "8")],
      false,
      216,
    );
    expect(judged(failing)).toEqual({
      status: "CRITICAL",
      message: "EXAMPLE EX4000 EX-1234: SMART health FAILED (Reallocated_Sector_Ct); 1975 reallocated; 8 pending",
    });
  });

  test("an attribute below its threshold is critical although the disk still says PASSED", () => {
    const failing = ata([attribute(5, "Reallocated_Sector_Ct", 10, 36, "0", "now")], true, 16);
    expect(judged(failing)).toMatchObject({ status: "CRITICAL", message: expect.stringContaining("below its threshold: Reallocated") });
  });

  test("numbers that a maker gave another meaning are not taken for sectors", () => {
    const other = ata([attribute(197, "Not_In_Use", 100, 0, "77"), attribute(5, "Bad_Blk_Ct", 100, 0, "5")]);
    expect(judged(other).status).toBe("OK");
  });

  test("the wear of an SSD is what its normalised value lacks to 100", () => {
    const answer = parseDisk(ata([attribute(233, "Media_Wearout_Indicator", 55, 0, "0")]));
    expect(answer).toMatchObject({ report: { measures: { wear: 45 } } });
    expect(judged(ata([attribute(177, "Wear_Leveling_Count", 8, 0, "2900")]))).toMatchObject({ status: "WARNING" });
  });

  test("a SAS disk tells its reason, and its uncorrected errors of all directions are added", () => {
    expect(judged(scsi(true, 0))).toEqual({ status: "WARNING", message: "EXAMPLE EX600MM S0M1: 1 uncorrectable" });
    expect(judged(scsi(false, 2))).toEqual({
      status: "CRITICAL",
      message: "EXAMPLE EX600MM S0M1: SMART health FAILED (FAILURE PREDICTION THRESHOLD EXCEEDED [asc=5d, ascq=10]); 3 uncorrectable",
    });
  });

  test("an NVMe disk warns by its bits, its spare, its wear and its media errors", () => {
    expect(judged(nvme({})).status).toBe("OK");
    expect(judged(nvme({ critical_warning: 4 }))).toMatchObject({ status: "WARNING", message: "EXAMPLE NV1 N1: reliability degraded" });
    expect(judged(nvme({ available_spare: 9 }))).toMatchObject({
      status: "WARNING",
      message: "EXAMPLE NV1 N1: 9 % spare left, threshold 10 %",
    });
    expect(judged(nvme({ percentage_used: 103 }))).toMatchObject({ message: "EXAMPLE NV1 N1: 103 % of the rated life used" });
    expect(judged(nvme({ media_errors: 7 }))).toMatchObject({ message: "EXAMPLE NV1 N1: 7 media errors" });
  });

  test("a sleeping disk is told apart from one that cannot be opened and one that may not be", () => {
    expect(parseDisk(JSON.stringify(smartctl(2, ["Device is in STANDBY mode, exit(2)"])))).toEqual({ kind: "standby" });
    expect(parseDisk(JSON.stringify(smartctl(2, ["Smartctl open device: /dev/sda failed: Permission denied"]))).kind).toBe("denied");
    expect(parseDisk(JSON.stringify(smartctl(2, ["Smartctl open device: /dev/sda failed: No such device"])))).toEqual({
      kind: "failed",
      why: "Smartctl open device: /dev/sda failed: No such device",
    });
    expect(parseDisk("smartctl 6.6 2017-11-05").kind).toBe("failed");
  });
});

test("disks behind a controller that share a device file have names of their own", () => {
  const text = JSON.stringify({
    ...smartctl(0),
    devices: [0, 1].map((at) => ({
      name: "/dev/bus/0",
      info_name: `/dev/bus/0 [megaraid_disk_0${at}]`,
      type: `megaraid,${at}`,
      protocol: "SCSI",
    })),
  });
  expect(parseScan(text)?.map(diskSegment)).toEqual(["bus_0_megaraid_0", "bus_0_megaraid_1"]);
});

describe("the integration", () => {
  const machine = (): RecordedPrograms => {
    const programs = new RecordedPrograms();
    programs.ends.set("smartctl --scan-open --json", {
      stdout: JSON.stringify({
        ...smartctl(0),
        devices: [
          { name: "/dev/sda", type: "sat" },
          { name: "/dev/nvme0", type: "nvme" },
        ],
      }),
    });
    programs.ends.set("smartctl --json -a -n standby -d sat /dev/sda", { stdout: ata(healthy) });
    programs.ends.set("smartctl --json -a -n standby -d nvme /dev/nvme0", { stdout: nvme({}) });
    return programs;
  };

  test("gives a check and metrics for each disk", async () => {
    const { metrics, checks } = await makeSmart(optionsOf({}), "smart", machine().run).collect(neverAborted());
    expect(metrics).toMatchObject({
      "custom.smart.temperature.sda.value": 33,
      "custom.smart.wear.nvme0.value": 4,
      "custom.smart.spare.nvme0.value": 100,
    });
    expect(checks?.map(({ name, status }) => `${name} ${status}`)).toEqual(["smart sda OK", "smart nvme0 OK"]);
  });

  test("a disk that sleeps keeps its last result, and one that disappears is critical", async () => {
    const programs = machine();
    const integration = makeSmart(optionsOf({}), "smart", programs.run);
    await integration.collect(neverAborted());
    programs.ends.set("smartctl --json -a -n standby -d sat /dev/sda", {
      code: 2,
      stdout: JSON.stringify(smartctl(2, ["Device is in SLEEP mode, exit(2)"])),
    });
    expect((await integration.collect(neverAborted())).checks?.map(({ name }) => name)).toEqual(["smart nvme0"]);
    programs.ends.set("smartctl --scan-open --json", {
      stdout: JSON.stringify({ ...smartctl(0), devices: [{ name: "/dev/sda", type: "sat" }] }),
    });
    expect((await integration.collect(neverAborted())).checks).toEqual([
      { name: "smart nvme0", status: "CRITICAL", message: "/dev/nvme0 was here and is gone" },
    ]);
  });

  test("without the right to ask, the message says what to give", async () => {
    const programs = machine();
    programs.ends.set("smartctl --json -a -n standby -d sat /dev/sda", {
      code: 2,
      stdout: JSON.stringify(smartctl(2, ["Smartctl open device: /dev/sda failed: Permission denied"])),
    });
    await expect(makeSmart(optionsOf({}), "smart", programs.run).collect(neverAborted())).rejects.toThrow(/needs root, or the group disk/u);
    await expect(makeSmart(optionsOf({}), "smart", new RecordedPrograms().run).collect(neverAborted())).rejects.toThrow(
      "install the package smartmontools",
    );
  });

  test("wrong options are told with their lines", () => {
    const wrong = optionsOf({ devices: ["sda; rm"], exclude: ["("], warning_temperature: -4 }, "smart");
    expect(() => makeSmart(wrong, "smart", machine().run)).toThrow(HinobanError);
    expect(() => makeSmart(wrong, "smart", machine().run)).toThrow(/line 2, .*devices.*line 3, .*exclude.*line 4, .*warning_temperature/su);
  });

  test("limits of one's own replace the built-in ones", async () => {
    const programs = machine();
    programs.ends.set("smartctl --json -a -d sat /dev/sda", { stdout: ata([attribute(5, "Reallocated_Sector_Ct", 100, 36, "3")]) });
    const options = optionsOf({ devices: ["/dev/sda sat"], wake: true, warning_reallocated: 4, warning_temperature: 33 });
    const { checks } = await makeSmart(options, "smart", programs.run).collect(neverAborted());
    expect(checks?.[0]?.message).toBe("EXAMPLE EX4000 EX-1234: temperature 33 °C");
  });
});

test("200,000 damaged outputs are read without an exception, and only finite numbers come out", () => {
  const random = repeatable(7);
  const seeds = [ata(healthy), scsi(false, 2), nvme({}), JSON.stringify(smartctl(2, ["failed"]))];
  for (let round = 0; round < 200_000; round += 1) {
    const text = damaged(seeds[round % seeds.length] ?? "", random);
    const answer = parseDisk(text);
    parseScan(text);
    if (answer.kind !== "report") continue;
    if (!Object.values(answer.report.measures).every(Number.isFinite)) throw new Error(text);
    judgeDisk(answer.report, defaultLimits);
  }
});
