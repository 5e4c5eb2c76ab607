/**
 * A Studio flow that says a text and takes a key, for accounts whose Twilio cannot reach this server: the key is read back from the
 * execution (https://www.twilio.com/docs/studio/rest-api/v2/flow#flow-definition). Everything that is said comes with the call.
 */
export const studioFlow = {
  description: "Hinoban: says what happened and takes a key",
  flags: { allow_concurrent_calls: true },
  initial_state: "Trigger",
  states: [
    {
      name: "Trigger",
      type: "trigger",
      transitions: [
        { event: "incomingMessage" },
        { event: "incomingCall" },
        { event: "incomingConversationMessage" },
        { next: "call", event: "incomingRequest" },
        { event: "incomingParent" },
      ],
      properties: { offset: { x: 0, y: 0 } },
    },
    {
      name: "call",
      type: "make-outgoing-call-v2",
      transitions: [{ next: "ask", event: "answered" }, { event: "busy" }, { event: "noAnswer" }, { event: "failed" }],
      properties: {
        offset: { x: 0, y: 220 },
        from: "{{flow.channel.address}}",
        to: "{{contact.channel.address}}",
        timeout: "{{flow.data.ring}}",
        record: false,
        detect_answering_machine: false,
        trim: "true",
        recording_channels: "mono",
      },
    },
    {
      name: "ask",
      type: "gather-input-on-call",
      transitions: [{ next: "which", event: "keypress" }, { event: "speech" }, { next: "unheard", event: "timeout" }],
      properties: {
        offset: { x: 0, y: 460 },
        say: "{{flow.data.text}}",
        language: "{{flow.data.language}}",
        voice: "{{flow.data.voice}}",
        loop: 1,
        number_of_digits: "{{flow.data.digits}}",
        timeout: "{{flow.data.listen}}",
        stop_gather: true,
        gather_language: "en",
        finish_on_key: "#",
      },
    },
    {
      name: "which",
      type: "split-based-on",
      transitions: [
        { next: "received", event: "noMatch" },
        {
          next: "ask",
          event: "match",
          conditions: [{ friendly_name: "again", arguments: ["{{widgets.ask.Digits}}"], type: "matches_any_of", value: "3,4" }],
        },
      ],
      properties: { offset: { x: -220, y: 600 }, input: "{{widgets.ask.Digits}}" },
    },
    {
      name: "received",
      type: "say-play",
      transitions: [{ event: "audioComplete" }],
      properties: {
        offset: { x: -220, y: 720 },
        say: "{{flow.data.received}}",
        language: "{{flow.data.language}}",
        voice: "{{flow.data.voice}}",
        loop: 1,
      },
    },
    {
      name: "unheard",
      type: "say-play",
      transitions: [{ event: "audioComplete" }],
      properties: {
        offset: { x: 220, y: 720 },
        say: "{{flow.data.unheard}}",
        language: "{{flow.data.language}}",
        voice: "{{flow.data.voice}}",
        loop: 1,
      },
    },
  ],
} as const;
