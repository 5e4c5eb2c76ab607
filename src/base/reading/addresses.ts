/** Where things are on the network or on a disk, as they stand in texts. All patterns are global. */

/** With a scheme; what follows is its host and, after everything else, the last part of its path. Users, passwords and queries are not read out. */
export const url =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/(?:[^\s/@"'<>、。「」]*@)?([\p{L}\p{N}[][^\s/:?#"'<>、。「」()]*)(?::(\d{1,5}))?([^\s"'<>、。「」()]*)/giu;
export const mail = /(?<![\w.+-])([\w.+-]{1,64})@([a-z0-9][a-z0-9.-]*[a-z0-9])(?![\w@])/giu;
export const mac = /(?<![\w:.-])(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![\w:-])/giu;
export const ipv4 =
  /(?<![\w.])((?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3})(?:\/(\d{1,2})(?!\d)|:(\d{1,5})(?!\d))?(?![\d.]*\d)(?!\w)/gu;
export const ipv6 = /(?<![\w:.])\[?((?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})(?:%[\w.]+)?(\/\d{1,3})?\]?(?![\w:])/giu;
/** Random ids and checksums: only their last digits tell anybody anything. */
export const uuid = /(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-([0-9a-f]{8})([0-9a-f]{4})(?![\w-])/giu;
export const checksum = /(?<![\w-])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{12,}(?![\w-])/giu;
/** An absolute path of at least one name. */
export const path = /(?<![\w/.:%)-])(?:\/[\w.@+-]+)+\/?(?![\w/])/gu;
/** The root of a machine's files, where the words before it say that a file system is meant. */
export const rootPath =
  /(?<=(?:ディスク|ファイルシステム|マウント|パーティション|disk|file ?system|mount|mounted on|partition)[ 「"'(:]{0,2})\/(?![\w/])/giu;

/** Whether what {@link ipv6} found is one: with all eight groups, or with some left out, and not a time of day. */
export function isIpv6(text: string): boolean {
  const groups = text.split(":");
  if (!groups.some((group) => group !== "")) return false;
  const gaps = text.split("::").length - 1;
  return gaps === 1 ? groups.length <= 9 : gaps === 0 && groups.length === 8 && groups.every((group) => group !== "");
}

/** The last part of a path, without what it ends with: `access` of `/var/log/nginx/access.log`. */
export const lastPart = (text: string): string =>
  text
    .split(/[?#]/u)[0]
    ?.split("/")
    .findLast((part) => part !== "") ?? "";
