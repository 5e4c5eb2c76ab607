import { HinobanError } from "#base/errors";
import { findOrganisation } from "#features/identity";
import { scopeOf, type Actor } from "#http";
import type { ChannelInput, ChannelPreview } from "#wire/notify";
import type { NotifyContext } from "./context.ts";
import type { Job } from "./driver.ts";
import { exampleNotice, type Example } from "./example-notice.ts";

/** What a channel as it is typed would show for an example. Nothing of it needs to be complete, and nothing is sent. */
export async function previewChannel(notify: NotifyContext, actor: Actor, input: ChannelInput, example: Example): Promise<ChannelPreview> {
  const organisation = await notify.db.tx(scopeOf(actor), findOrganisation);
  const driver = notify.drivers.get(input.type);
  if (!organisation || !driver) throw new HinobanError("not-found", "There is nothing to be shown.");
  const { enabledGraphImage, mentions, room, serverUrl, language } = input;
  const base = notify.deps.publicUrl || "https://hinoban.example";
  const job: Job = {
    deliveryId: "example",
    at: notify.clock.now(),
    organisation,
    notice: exampleNotice(example, language, base),
    about: "incident:example",
    isTest: false,
    language,
    timeZone: organisation.timeZone,
    channel: {
      id: "example",
      name: input.name,
      type: input.type,
      settings: {
        ...(mentions ? { mentions } : {}),
        ...(enabledGraphImage === undefined ? {} : { enabledGraphImage }),
        ...(room === undefined ? {} : { room }),
        ...(serverUrl === undefined ? {} : { serverUrl }),
      },
      secrets: {},
      language,
      suspendedAt: undefined,
      workspace: null,
    },
    personId: undefined,
    targets: [],
    mail: undefined,
    mentioned: [],
    root: undefined,
    progress: [],
    picture: async () => undefined,
  };
  return driver.preview(job);
}
