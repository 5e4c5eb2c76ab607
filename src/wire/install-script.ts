/** What an installation script is made of. */
export interface InstallScriptFacts {
  /** Address of the server, as the agent shall use it. */
  readonly serverUrl: string;
  /** The API key, or a text in its place; HINOBAN_AGENT_KEY in the environment of the script wins over it. */
  readonly keyPlaceholderOrKey: string;
  /** Where the agent's file is fetched. */
  readonly agentUrl: string;
  /** SHA-256 of that file, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** `text` as one word of a POSIX shell, whatever it holds. */
const word = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * The text behind `curl -fsS SERVER/install/TOKEN | sh`: looks for Node.js 20 or newer and for root, fetches the agent, compares its
 * SHA-256 and lets it install itself. Arguments go on to `hinoban-agent install` (`… | sh -s -- --dry-run --roles My-Service:app`).
 * Everything stands in one function that is called on the last line, so that a script cut off on the way does nothing. The key travels in
 * the environment, because arguments are readable by every user of the machine.
 */
export function installScript({ serverUrl, keyPlaceholderOrKey, agentUrl, sha256 }: InstallScriptFacts): string {
  return `#!/bin/sh
# Installs the Hinoban agent on this machine.
set -eu

say() { printf '%s\\n' "hinoban-agent: $*" >&2; }
fail() { say "$*"; exit 1; }

find_node() {
  for candidate in node nodejs /usr/local/bin/node /usr/bin/node /opt/node/bin/node; do
    path=$(command -v "$candidate" 2>/dev/null) || continue
    major=$("$path" -p 'process.versions.node.split(".")[0]' 2>/dev/null) || continue
    case $major in '' | *[!0-9]*) continue ;; esac
    if [ "$major" -ge 20 ]; then
      node=$path
      return 0
    fi
    old="$path is version $major"
  done
  return 1
}

main() {
  server=${word(serverUrl)}
  key=${word(keyPlaceholderOrKey)}
  agent_url=${word(agentUrl)}
  expected=${word(sha256)}
  dry_run=no
  for argument in "$@"; do
    if [ "$argument" = --dry-run ]; then dry_run=yes; fi
  done

  [ "$(uname -s)" = Linux ] || fail "this script knows Linux only. Fetch $agent_url, then: node hinoban-agent.js --help"
  if [ "$dry_run" = no ] && [ "$(id -u)" -ne 0 ]; then
    fail "installing needs root: pipe into 'sudo sh' instead of 'sh', or look first with 'sh -s -- --dry-run'"
  fi
  node='' old=''
  find_node || fail "Node.js 20 or newer is needed\${old:+ ($old)}: install it from your distribution or nodejs.org, then run this again"
  command -v curl >/dev/null 2>&1 || fail 'curl is needed: install it, then run this again'

  umask 077
  folder=$(mktemp -d "\${TMPDIR:-/tmp}/hinoban-agent.XXXXXX")
  trap 'rm -rf "$folder"' EXIT
  trap 'exit 1' HUP INT TERM
  file=$folder/hinoban-agent.mjs
  say "fetching $agent_url"
  curl -fsSL --retry 3 --connect-timeout 15 -o "$file" "$agent_url" || fail "$agent_url could not be fetched"
  actual=$("$node" -e 'process.stdout.write(require("node:crypto").createHash("sha256").update(require("node:fs").readFileSync(process.argv[1])).digest("hex"))' "$file")
  [ "$actual" = "$expected" ] || fail "the fetched file is not the expected one (SHA-256 $actual instead of $expected); nothing was installed"

  HINOBAN_AGENT_KEY=\${HINOBAN_AGENT_KEY:-$key} "$node" "$file" install --server "$server" "$@" </dev/null
}

main "$@"
`;
}
