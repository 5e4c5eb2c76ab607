import type { Flag } from "../command.ts";
import type { Language } from "../text.ts";
import type { Place } from "./places.ts";

/** A completion script for fish 3 and later, with a sentence beside each word. */
export function fishScript(places: readonly Place[], language: Language): string {
  const known = places.filter((place) => place.path !== "").map((place) => place.path);
  return `# Completion of hinoban for fish: put it as hinoban.fish into ~/.config/fish/completions.
function __hinoban_at
    set -l path ""
    for word in (commandline -opc)[2..-1]
        switch "$path/$word"
            case ${known.join(" ")}
                set path "$path/$word"
        end
    end
    test "x$path" = "x$argv[1]"
end
complete -c hinoban -f
${places.flatMap((place) => linesOf(place, language)).join("\n")}
`;
}

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function linesOf({ path, commands, flags, words, takesFiles, takesCommandLine }: Place, language: Language): string[] {
  const here = `complete -c hinoban -n ${quoted(`__hinoban_at ${quoted(path)}`)}`;
  return [
    ...commands.map((command) => `${here} -a ${command.name} -d ${quoted(command.does[language])}`),
    ...(words.length > 0 ? [`${here} -a ${quoted(words.join(" "))}`] : []),
    ...flags.map((flag) => `${here} ${flagWords(flag)} -d ${quoted(flag.does[language])}`),
    ...(takesFiles || takesCommandLine ? [`${here} -F`] : []),
  ];
}

function flagWords({ name, short, kind, choices }: Flag): string {
  const names = `-l ${name}${short === undefined ? "" : ` -s ${short}`}`;
  if (kind === "switch") return names;
  if (choices) return `${names} -x -a ${quoted(choices.join(" "))}`;
  return kind === "file" ? `${names} -r -F` : `${names} -x`;
}
