/** How a card asks to be taken: a ring that pulses faster, and beeps that come closer, as `urgency` grows from 0 to 3. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Urgency as Level } from '../../main/contract.ts';

/** Milliseconds between beeps, their pitch in Hz and loudness (0..1). Calm is silent. */
const BEEPS: Readonly<
  Record<Level, { readonly every: number; readonly pitch: number; readonly loud: number } | undefined>
> = {
  0: undefined,
  1: { every: 2_000, pitch: 880, loud: 0.15 },
  2: { every: 1_200, pitch: 988, loud: 0.3 },
  3: { every: 700, pitch: 1_175, loud: 0.5 },
};
const BEEP_SECONDS = 0.16;

function beep(audio: AudioContext, pitch: number, loud: number): void {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  const now = audio.currentTime;
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, now);
  volume.gain.linearRampToValueAtTime(loud, now + 0.01);
  volume.gain.linearRampToValueAtTime(0, now + BEEP_SECONDS);
  tone.connect(volume).connect(audio.destination);
  tone.start(now);
  tone.stop(now + BEEP_SECONDS);
}

function useBeep(urgency: Level): void {
  useEffect(() => {
    const plan = BEEPS[urgency];
    if (plan === undefined) return undefined;
    const audio = new AudioContext();
    const sound = (): void => {
      // Without a touch or a kiosk's permission the browser keeps it suspended: then the picture must do.
      if (audio.state === 'running') beep(audio, plan.pitch, plan.loud);
    };
    sound();
    const timer = setInterval(sound, plan.every);
    return () => {
      clearInterval(timer);
      void audio.close();
    };
  }, [urgency]);
}

export function Urgency({ level, children }: { readonly level: Level; readonly children: ComponentChildren }) {
  useBeep(level);
  return (
    <div class={`urgency urgency--${level}`}>
      {level === 0 ? null : <div class="urgency__pulse" aria-hidden="true" />}
      {children}
    </div>
  );
}
