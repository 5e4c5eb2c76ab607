/** What the systemd unit is made of; paths as the service sees them. */
export interface UnitFacts {
  readonly node: string;
  readonly script: string;
  readonly config: string;
  readonly stateDir: string;
  readonly user: string;
}

export const defaultServiceState = "/var/lib/hinoban-agent";

/** A word of ExecStart: systemd splits at blanks, expands % and $, and reads backslashes. */
const word = (text: string): string => `"${text.replace(/[\\"]/gu, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;

/**
 * The unit of the agent's service. It may read the machine and write its own state, nothing else. No MemoryDenyWriteExecute, because V8
 * compiles at run time; ProtectHome only read-only, because a file system mounted there shall be measured; AF_NETLINK lists the interfaces. Memory and tasks leave room for plugins: eight at once,
 * programs in Go begin with ten threads.
 */
export function unitFile({ node, script, config, stateDir, user }: UnitFacts): string {
  const state =
    stateDir === defaultServiceState ? "StateDirectory=hinoban-agent\nStateDirectoryMode=0700" : `ReadWritePaths=${word(stateDir)}`;
  return `[Unit]
Description=Hinoban agent
Wants=network-online.target
After=network-online.target

[Service]
Type=simple
User=${user}
ExecStart=${[node, "--max-old-space-size=64", "--max-semi-space-size=1", script, "run", "--config", config, "--state-dir", stateDir].map(word).join(" ")}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=5
RestartPreventExitStatus=2 78
TimeoutStopSec=15
${state}
UMask=0077
MemoryMax=512M
TasksMax=512
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
`;
}
