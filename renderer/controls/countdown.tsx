/** Seconds left, as a large number in a ring. It is a timer: not read out at every tick. */
export interface CountdownProps {
  readonly left: number;
  /** Where known, the ring empties as the time goes. */
  readonly of?: number;
  readonly unit: string;
}

const RADIUS = 46;
const AROUND = 2 * Math.PI * RADIUS;

export function Countdown({ left, of, unit }: CountdownProps) {
  const part = of === undefined || of <= 0 ? 1 : Math.max(0, Math.min(1, left / of));
  return (
    <div class="countdown" role="timer" aria-live="off" aria-label={`${left} ${unit}`}>
      <svg class="countdown__ring" viewBox="0 0 100 100" aria-hidden="true">
        <circle cx="50" cy="50" r={RADIUS} class="countdown__track" />
        <circle cx="50" cy="50" r={RADIUS} class="countdown__left" stroke-dasharray={`${part * AROUND} ${AROUND}`} />
      </svg>
      <div class="countdown__figure" aria-hidden="true">
        <strong>{left}</strong>
        <span>{unit}</span>
      </div>
    </div>
  );
}
