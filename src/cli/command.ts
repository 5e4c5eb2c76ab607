import type { Text } from "./text.ts";
import type { Call } from "./call.ts";

/** How a flag's value is read: `list` may be repeated or separated by commas, `time` becomes Unix seconds, `duration` seconds. */
export type FlagKind = "switch" | "text" | "list" | "integer" | "time" | "duration" | "file";

/** One flag, written `--name VALUE`, `--name=VALUE` or, as mkr's users are used to, `-name VALUE`. */
export interface Flag {
  /** As mkr spells it: `roleFullname`. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Other spellings, such as mkr's `st` for `status`. */
  readonly alias?: readonly string[];
  readonly kind: FlagKind;
  /** What stands for the value in the help: `<service:role>`. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly isRequired?: boolean;
  readonly does: Text;
}

/** Words behind the flags. */
export interface Operands {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly kind?: "file";
  readonly choices?: readonly string[];
  readonly does: Text;
}

export interface Example {
  readonly line: string;
  readonly does: Text;
}

/** Does the command and answers the process's exit code. @param all every command, for those that are about commands. */
export type Runner = (call: Call, all: readonly Command[]) => Promise<number>;

/**
 * One command. Parsing, help, completion and the guide's reference are all made from this description; what it does is loaded only when
 * it is called, so that a call pays for nothing else.
 */
export interface Command {
  readonly name: string;
  readonly does: Text;
  /** Further paragraphs of its help. */
  readonly more?: readonly Text[];
  readonly flags?: readonly Flag[];
  readonly operands?: Operands;
  readonly examples?: readonly Example[];
  readonly commands?: readonly Command[];
  /** Everything from the first word that is no flag is somebody else's command line. */
  readonly takesCommandLine?: boolean;
  /** `local` commands work on this machine's files, read their own arguments and ask no API. */
  readonly isLocal?: boolean;
  /** Not in the list of commands. */
  readonly isHidden?: boolean;
  readonly load?: () => Promise<Runner>;
}

/** Flags that every command of the API takes, before the command's name or behind it. */
export const globalFlags: readonly Flag[] = [
  {
    name: "apibase",
    kind: "text",
    value: "<url>",
    does: { en: "the server, such as https://hinoban.example", ja: "サーバーの URL（例: https://hinoban.example）" },
  },
  {
    name: "apikey-file",
    kind: "file",
    value: "<file>",
    does: { en: "file that holds the API key", ja: "APIキーの入ったファイル" },
  },
  {
    name: "profile",
    kind: "text",
    value: "<name>",
    does: { en: "which entry of `hinoban login` to use", ja: "`hinoban login` で保存したどの接続先を使うか" },
  },
  {
    name: "conf",
    kind: "file",
    value: "<file>",
    does: {
      en: "configuration of an agent on this machine, for its server, key and host id",
      ja: "このマシンのエージェントの設定ファイル（サーバー・キー・ホスト ID をここから読む）",
    },
  },
  {
    name: "quiet",
    short: "q",
    kind: "switch",
    does: { en: "say nothing when all goes well", ja: "正常時の案内を表示しない" },
  },
  { name: "help", short: "h", kind: "switch", does: { en: "tell about the command", ja: "コマンドの説明を表示" } },
];

/** Flags of every command that prints what the server answered. */
export const outputFlags: readonly Flag[] = [
  {
    name: "format",
    short: "f",
    kind: "text",
    value: "<form>",
    does: {
      en: "json (default), jsonl, table, or a template like mkr's: '{{range .}}{{.Name}}{{\"\\n\"}}{{end}}'",
      ja: "json（既定）、jsonl、table、または mkr と同じテンプレート: '{{range .}}{{.Name}}{{\"\\n\"}}{{end}}'",
    },
  },
  { name: "table", kind: "switch", does: { en: "the same as --format table", ja: "--format table と同じ" } },
  {
    name: "jq",
    kind: "text",
    value: "<filter>",
    does: { en: "pass the JSON through the program jq", ja: "JSON を jq コマンドに通す" },
  },
];

/** Every flag that a command understands. */
export const flagsOf = (command: Command): readonly Flag[] => [...(command.flags ?? []), ...globalFlags];
