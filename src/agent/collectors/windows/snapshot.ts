import { HinobanError } from "#base/errors";

/**
 * One question for everything, because starting PowerShell costs more than all its answers together. The Raw classes hold counters
 * that only grow; CIM instead of typeperf, whose counter names are translated on a Japanese Windows.
 */
export const snapshotScript = [
  "$ErrorActionPreference = 'SilentlyContinue'",
  "[Console]::OutputEncoding = [Text.Encoding]::UTF8",
  "$os = Get-CimInstance Win32_OperatingSystem | Select-Object TotalVisibleMemorySize,FreePhysicalMemory,SizeStoredInPagingFiles,FreeSpaceInPagingFiles,NumberOfProcesses",
  "$queue = (Get-CimInstance Win32_PerfFormattedData_PerfOS_System).ProcessorQueueLength",
  "$disks = @(Get-CimInstance Win32_PerfRawData_PerfDisk_LogicalDisk | Select-Object Name,DiskReadsPersec,DiskWritesPersec)",
  "$nics = @(Get-CimInstance Win32_PerfRawData_Tcpip_NetworkInterface | Select-Object Name,BytesReceivedPersec,BytesSentPersec)",
  "$volumes = @(Get-CimInstance Win32_LogicalDisk -Filter 'DriveType=3' | Select-Object DeviceID,Size,FreeSpace)",
  "@{ os = $os; queue = $queue; disks = $disks; nics = $nics; volumes = $volumes } | ConvertTo-Json -Compress -Depth 3",
].join("\n");

type Row = Readonly<Record<string, unknown>>;

/** What the script printed, still with Windows' own property names. */
export interface WindowsSnapshot {
  readonly os: Row;
  readonly queue: number | undefined;
  readonly disks: readonly Row[];
  readonly nics: readonly Row[];
  readonly volumes: readonly Row[];
}

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

// PowerShell 5 unwraps lists of one element in some places, and prints {} or null for none.
const rows = (value: unknown): readonly Row[] =>
  Array.isArray(value) ? value.filter(isRow) : isRow(value) && Object.keys(value).length > 0 ? [value] : [];

/** @throws HinobanError "invalid-input" when the output is not the script's JSON. */
export function parseSnapshot(text: string): WindowsSnapshot {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/u, ""));
  } catch (cause) {
    throw new HinobanError("invalid-input", "PowerShell did not answer in JSON.", { text: text.slice(0, 200) }, { cause });
  }
  if (!isRow(value)) throw new HinobanError("invalid-input", "PowerShell did not answer with an object.");
  return {
    os: isRow(value["os"]) ? value["os"] : {},
    queue: numberIn(value, "queue"),
    disks: rows(value["disks"]),
    nics: rows(value["nics"]),
    volumes: rows(value["volumes"]),
  };
}

/** A number of a row; 64-bit counters arrive as text on some versions. */
export function numberIn(row: Row, key: string): number | undefined {
  const value = row[key];
  if (value === null || value === undefined || value === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

export const textIn = (row: Row, key: string): string => (typeof row[key] === "string" ? row[key] : "");
