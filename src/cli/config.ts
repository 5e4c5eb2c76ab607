import { homedir } from "node:os";
import { join } from "node:path";
import type { Proxies } from "./proxy.ts";
import type { Language } from "./text.ts";

/** What the process's environment says to the command line. */
export interface Environment {
  readonly language: Language;
  readonly apikey: string | undefined;
  readonly apibase: string | undefined;
  readonly profile: string | undefined;
  /** Where `hinoban login` keeps servers and keys; for its owner only. */
  readonly profileFile: string;
  /** Configurations of agents on this machine, in the order in which they are looked at. */
  readonly agentFiles: readonly string[];
  /** Where the agent of this machine keeps its host id when its configuration says nothing. */
  readonly agentStateDirs: readonly string[];
  readonly proxies: Proxies;
  /** PEM file with an authority of the house's own. */
  readonly caFile: string | undefined;
  /** Whether to colour what goes to a terminal. */
  readonly mayColour: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** @param variables the process's own unless a test hands in another */
export function environmentOf(variables: Variables = process.env): Environment {
  const set = (name: string): string | undefined => (variables[name] === "" ? undefined : variables[name]);
  const home = set("HOME") ?? homedir();
  const state = set("XDG_STATE_HOME") ?? join(home, ".local", "state");
  return {
    language: languageOf(set("LC_ALL") ?? set("LC_MESSAGES") ?? set("LANG")),
    apikey: set("HINOBAN_APIKEY") ?? set("MACKEREL_APIKEY"),
    apibase: set("HINOBAN_APIBASE"),
    profile: set("HINOBAN_PROFILE"),
    profileFile: join(set("XDG_CONFIG_HOME") ?? join(home, ".config"), "hinoban", "profiles.json"),
    agentFiles: set("HINOBAN_AGENT_CONFIG")
      ? [set("HINOBAN_AGENT_CONFIG") ?? ""]
      : ["/etc/hinoban-agent.conf", "/etc/mackerel-agent/mackerel-agent.conf"],
    agentStateDirs: [set("HINOBAN_AGENT_STATE_DIR"), "/var/lib/hinoban-agent", join(state, "hinoban-agent")].filter(
      (path) => path !== undefined,
    ),
    proxies: proxiesIn(set),
    caFile: set("HINOBAN_CA_FILE"),
    mayColour: set("NO_COLOR") === undefined && set("TERM") !== "dumb",
  };
}

const proxiesIn = (set: (name: string) => string | undefined): Proxies => ({
  http: set("http_proxy"), // in capitals it can be set by whoever sends a request to a CGI program
  https: set("https_proxy") ?? set("HTTPS_PROXY"),
  none: set("no_proxy") ?? set("NO_PROXY"),
});

const languageOf = (locale: string | undefined): Language => (/^ja(?:_|\.|@|-|$)/iu.test(locale ?? "") ? "ja" : "en");
