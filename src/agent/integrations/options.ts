// The same reader serves every section of the file.
export { Options } from "../conf/options.ts";
