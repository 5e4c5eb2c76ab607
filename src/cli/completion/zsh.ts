import type { Flag } from "../command.ts";
import type { Language } from "../text.ts";
import { spellings, type Place } from "./places.ts";

/** A completion script for zsh, with a sentence beside each word. */
export function zshScript(places: readonly Place[], language: Language): string {
  const known = places.filter((place) => place.path !== "").map((place) => place.path);
  return `#compdef hinoban
# Completion of hinoban for zsh: put it as _hinoban into a folder of $fpath.
_hinoban() {
  local path_="" word_ cur_=\${words[CURRENT]} prev_=\${words[CURRENT-1]} i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    word_=\${words[i]}
    case "$path_/$word_" in
      (${known.join("|")}) path_="$path_/$word_" ;;
${places
  .filter((place) => place.takesCommandLine)
  .map(({ path }) => `      (${path}/--) shift i words; CURRENT=$((CURRENT - i)); _normal; return ;;`)
  .join("\n")}
    esac
  done
  case "$path_ $prev_" in
${places.flatMap((place) => valueCases(place)).join("\n")}
  esac
  case "$path_" in
${places.map((place) => wordCase(place, language)).join("\n")}
  esac
}
_hinoban "$@"
`;
}

function valueCases({ path, flags }: Place): string[] {
  return flags
    .filter((flag) => flag.kind !== "switch")
    .map(
      (flag) =>
        `    (${spellings(flag)
          .map((one) => `"${path} ${one}"`)
          .join("|")}) ${valuesOf(flag)}; return ;;`,
    );
}

function valuesOf({ choices, kind }: Flag): string {
  if (choices) return `compadd -- ${choices.join(" ")}`;
  return kind === "file" ? "_files" : "_message value";
}

/** For _describe, in which a colon separates the word from its sentence. */
const described = (word: string, sentence: string): string => `'${`${word.replaceAll(":", "\\:")}:${sentence}`.replaceAll("'", "'\\''")}'`;

function wordCase({ path, commands, flags, words, takesFiles }: Place, language: Language): string {
  const inner = commands.map((command) => described(command.name, command.does[language]));
  const lines = [
    ...(inner.length > 0 ? [`found=(${inner.join(" ")}); _describe command found`] : []),
    ...(words.length > 0 ? [`compadd -- ${words.join(" ")}`] : []),
    ...(flags.length > 0
      ? [
          `[[ $cur_ == -* ]] && { found=(${flags.map((flag) => described(`--${flag.name}`, flag.does[language])).join(" ")}); _describe flag found; }`,
        ]
      : []),
    ...(takesFiles ? ["[[ $cur_ == -* ]] || _files"] : []),
  ];
  return `    ("${path}") ${lines.join("; ") || ":"} ;;`;
}
