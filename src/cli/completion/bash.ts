import type { Flag } from "../command.ts";
import { spellings, type Place } from "./places.ts";

/** A completion script for bash 4 and later. */
export function bashScript(places: readonly Place[]): string {
  const known = places.filter((place) => place.path !== "").map((place) => place.path);
  const runners = places.filter((place) => place.takesCommandLine);
  return `# Completion of hinoban for bash: put it into /etc/bash_completion.d, or source it.
_hinoban() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$path/$word" in
      ${known.join("|")}) path="$path/$word" ;;
${runners.map(({ path }) => `      ${path}/--) COMPREPLY=($(compgen -c -f -- "$cur")); return ;;`).join("\n")}
    esac
  done
  case "$path $prev" in
${places.flatMap(valueCases).join("\n")}
  esac
  case "$path" in
${places.map(wordCase).join("\n")}
  esac
}
complete -F _hinoban hinoban
`;
}

/** What may stand behind a flag that takes a value; nothing is offered where it could be anything. */
function valueCases({ path, flags }: Place): string[] {
  return flags
    .filter((flag) => flag.kind !== "switch")
    .map(
      (flag) =>
        `    ${spellings(flag)
          .map((one) => `"${path} ${one}"`)
          .join("|")}) ${valuesOf(flag)}; return ;;`,
    );
}

function valuesOf({ choices, kind }: Flag): string {
  if (choices) return `COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$cur"))`;
  return kind === "file" ? 'COMPREPLY=($(compgen -f -- "$cur"))' : "COMPREPLY=()";
}

function wordCase({ path, commands, flags, words, takesFiles }: Place): string {
  const all = [...commands.map((command) => command.name), ...words, ...flags.map((flag) => `--${flag.name}`)];
  const files = takesFiles ? ' COMPREPLY+=($(compgen -f -- "$cur"));' : "";
  return `    "${path}") COMPREPLY=($(compgen -W "${all.join(" ")}" -- "$cur"));${files} ;;`;
}
