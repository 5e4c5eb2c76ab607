import webPush from "web-push";
import { HinobanError, messageOf } from "#base/errors";
import { Secret } from "#base/secret";
import type { PushCipher, PushKeys, PushMessage, PushRequest, PushSubscription } from "#ports/push-cipher/port";

/** Encrypts by the library `web-push`; sends nothing. */
export class WebPushCipher implements PushCipher {
  newKeys(): PushKeys {
    const { publicKey, privateKey } = webPush.generateVAPIDKeys();
    return { publicKey, privateKey: new Secret(privateKey) };
  }

  encrypt({ endpoint, keys }: PushSubscription, message: PushMessage, own: PushKeys, subject: string): PushRequest {
    try {
      const details = webPush.generateRequestDetails({ endpoint, keys: { ...keys } }, message.payload, {
        vapidDetails: { subject, publicKey: own.publicKey, privateKey: own.privateKey.reveal() },
        TTL: message.ttl,
        urgency: message.urgency,
        ...(message.topic === undefined ? {} : { topic: message.topic }),
        contentEncoding: "aes128gcm",
      });
      // oxlint-disable-next-line typescript/no-unnecessary-type-conversion -- the library puts numbers there, whatever its types say
      const headers = Object.entries(details.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
      // Whoever sends it counts the bytes.
      return {
        url: details.endpoint,
        headers: Object.fromEntries(headers.filter(([name]) => name !== "content-length")),
        body: details.body,
      };
    } catch (cause) {
      throw new HinobanError("invalid-input", `A message cannot be encrypted for this browser: ${messageOf(cause)}`, {}, { cause });
    }
  }
}
