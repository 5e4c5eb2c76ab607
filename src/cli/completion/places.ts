import { flagsOf, type Command, type Flag } from "../command.ts";

/** What can stand behind one command: its flags, its commands and the words it takes. */
export interface Place {
  /** `/dashboards/push`; empty for the top. */
  readonly path: string;
  readonly commands: readonly Command[];
  readonly flags: readonly Flag[];
  /** Words that are not flags. */
  readonly words: readonly string[];
  readonly takesFiles: boolean;
  /** What follows is another program's command line. */
  readonly takesCommandLine: boolean;
}

/** Every place of the command line, the top first. */
export function placesOf(commands: readonly Command[]): readonly Place[] {
  const visible = commands.filter((command) => !command.isHidden);
  const top: Place = { path: "", commands: visible, flags: [], words: [], takesFiles: false, takesCommandLine: false };
  return [top, ...visible.flatMap((command) => placesBelow("", command, visible))];
}

function placesBelow(parent: string, command: Command, all: readonly Command[]): readonly Place[] {
  const path = `${parent}/${command.name}`;
  const { operands, commands = [] } = command;
  const place: Place = {
    path,
    commands,
    flags: command.isLocal ? (command.flags ?? []) : flagsOf(command),
    words: command.name === "help" ? all.map((one) => one.name) : (operands?.choices ?? []),
    takesFiles: operands?.kind === "file",
    takesCommandLine: command.takesCommandLine ?? false,
  };
  return [place, ...commands.flatMap((inner) => placesBelow(path, inner, all))];
}

/** Every spelling of a flag: `--status`, `--st`, `-r`. */
export const spellings = ({ name, short, alias = [] }: Flag): readonly string[] => [
  `--${name}`,
  ...alias.map((one) => `--${one}`),
  ...(short === undefined ? [] : [`-${short}`]),
];
