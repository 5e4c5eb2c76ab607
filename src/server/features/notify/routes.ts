import { scopeOf, serve, type Served } from "#http";
import { sql } from "kysely";
import * as wire from "#wire/notify";
import * as people from "#wire/notify-people";
import * as push from "#wire/push";
import { allowPush } from "./allow-push.ts";
import { addContact, sendContactCode } from "./add-contact.ts";
import { changeChannel } from "./change-channel.ts";
import { changeContact } from "./change-contact.ts";
import { changeMailServer, removeMailServer } from "./change-mail-server.ts";
import { createChannel, demandChannel } from "./create-channel.ts";
import { deleteChannel } from "./delete-channel.ts";
import { readMailServerState } from "./mail-server.ts";
import { changeRules, personOf, readMyNotifications } from "./my-notifications.ts";
import { presented } from "./present.ts";
import { previewChannel } from "./preview-channel.ts";
import { pushKeys } from "./push-keys.ts";
import { readDeliveries } from "./read-deliveries.ts";
import { removeContact } from "./remove-contact.ts";
import { resumeChannel } from "./resume-channel.ts";
import { testChannel, testPerson, type Tester } from "./send-test.ts";
import { suspendChannel } from "./suspend-channel.ts";
import { testMailServer } from "./test-mail-server.ts";
import { verifyContact } from "./verify-contact.ts";

/** Serves channels, what became of messages, the mail server and everybody's own notifications. */
export function registerNotify(served: Served, notify: Tester): void {
  registerChannels(served, notify);
  registerMailServer(served, notify);
  registerMine(served, notify);
}

function registerChannels(served: Served, notify: Tester): void {
  const { db, channelSeal: seal } = notify;
  serve(served, wire.listChannels, ({ actor }) =>
    db.tx(scopeOf(actor), async (tx) => {
      const rows = await tx
        .selectFrom("notify_channel")
        .selectAll()
        .orderBy(sql`name collate "C"`)
        .orderBy("id")
        .execute();
      const { source, problem } = await readMailServerState(notify, tx);
      const channels = rows.map((row) => presented(seal, row));
      if (source === "none") return { channels, mail: "none" };
      return problem === undefined ? { channels, mail: "ok" } : { channels, mail: "failing", mailProblem: problem };
    }),
  );
  serve(served, wire.getChannel, ({ actor, params }) =>
    db.tx(scopeOf(actor), async (tx) => presented(seal, await demandChannel(tx, params.id))),
  );
  serve(served, wire.createChannel, async ({ actor, body: { joinsDefaultGroup, ...input } }) =>
    presented(seal, await createChannel(notify, actor, input, joinsDefaultGroup)),
  );
  serve(served, wire.changeChannel, async ({ actor, params, body }) =>
    presented(seal, await changeChannel(notify, actor, params.id, body)),
  );
  serve(served, wire.deleteChannel, async ({ actor, params }) => {
    await deleteChannel(notify, actor, params.id);
    return { success: true } as const;
  });
  serve(served, wire.testChannel, ({ actor, params }) => testChannel(notify, actor, params.id));
  serve(served, wire.suspendChannel, async ({ actor, params, body }) =>
    presented(seal, await suspendChannel(notify, actor, params.id, body.reason)),
  );
  serve(served, wire.resumeChannel, async ({ actor, params }) => presented(seal, await resumeChannel(notify, actor, params.id)));
  serve(served, wire.previewChannel, ({ actor, body }) => previewChannel(notify, actor, body.channel, body.example));
  serve(served, wire.listDeliveries, ({ actor, query }) => db.tx(scopeOf(actor), (tx) => readDeliveries(tx, query)));
}

function registerMailServer(served: Served, notify: Tester): void {
  serve(served, people.getMailServer, ({ actor }) => notify.db.tx(scopeOf(actor), (tx) => readMailServerState(notify, tx)));
  serve(served, people.changeMailServer, ({ actor, body }) => changeMailServer(notify, actor, body));
  serve(served, people.removeMailServer, ({ actor }) => removeMailServer(notify, actor));
  serve(served, people.testMailServer, ({ actor, body }) => testMailServer(notify, actor, body));
}

function registerMine(served: Served, notify: Tester): void {
  serve(served, people.getMyNotifications, async ({ actor }) => {
    const personId = personOf(actor);
    return notify.db.tx(scopeOf(actor), (tx) => readMyNotifications(notify, tx, personId, notify.clock.now()));
  });
  serve(served, people.changeMyRules, async ({ actor, body }) => changeRules(notify, actor, body));
  serve(served, people.addContact, ({ actor, body }) => addContact(notify, actor, body));
  serve(served, people.changeContact, async ({ actor, params, body }) => changeContact(notify, actor, params.id, body));
  serve(served, people.removeContact, async ({ actor, params }) => removeContact(notify, actor, params.id));
  serve(served, people.sendContactCode, ({ actor, params }) => sendContactCode(notify, actor, params.id));
  serve(served, people.verifyContact, ({ actor, params, body }) => verifyContact(notify, actor, params.id, body.code));
  serve(served, push.getPushKey, async ({ actor }) => {
    personOf(actor);
    return { publicKey: (await pushKeys(notify)).publicKey };
  });
  serve(served, push.allowPush, async ({ actor, body }) => allowPush(notify, actor, body));
  serve(served, people.testMyContacts, async ({ actor, body }) => testPerson(notify, actor, personOf(actor), body.medium));
}
