/** Which devices are measured, and under which names. */
export interface DeviceFilters {
  /** File systems whose device matches are left out. */
  readonly filesystemsIgnored: RegExp | undefined;
  /** File systems are named by their mount point instead of their device. */
  readonly usesMountpoint: boolean;
  readonly interfacesIgnored: RegExp | undefined;
  readonly disksIgnored: RegExp | undefined;
}
