import { useEffect, useRef, useState } from "react";

export interface Player {
  readonly isPlaying: boolean;
  /** Plays a WAV file in base64 instead of what played before. @throws what the browser throws when it cannot */
  readonly play: (audio: string) => Promise<void>;
  readonly stop: () => void;
}

/** Plays one sound at a time, and none when the page is left. Web Audio takes the bytes as they are: no address is loaded. */
export function usePlayer(): Player {
  const context = useRef<AudioContext>(undefined);
  const source = useRef<AudioBufferSourceNode>(undefined);
  const [isPlaying, setPlaying] = useState(false);

  const stop = (): void => {
    const playing = source.current;
    source.current = undefined;
    setPlaying(false);
    if (playing) {
      playing.onended = null; // oxlint-disable-line unicorn/prefer-add-event-listener -- the one listener is taken back
      playing.stop();
    }
  };
  useEffect(
    () => () => {
      void context.current?.close();
    },
    [],
  );

  const play = async (audio: string): Promise<void> => {
    stop();
    context.current ??= new AudioContext();
    const bytes = Uint8Array.from(atob(audio), (letter) => letter.charCodeAt(0));
    const buffer = await context.current.decodeAudioData(bytes.buffer);
    const next = context.current.createBufferSource();
    next.buffer = buffer;
    next.connect(context.current.destination);
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- taken back by `stop`
    next.onended = () => {
      if (source.current !== next) return;
      source.current = undefined;
      setPlaying(false);
    };
    source.current = next;
    setPlaying(true);
    next.start();
  };
  return { isPlaying, play, stop };
}
