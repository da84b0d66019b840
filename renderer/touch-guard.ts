/**
 * Keeps a touch from doing what it was not meant for. A finger that comes down while "still there?" shows answers that and
 * nothing else; a click whose finger came down on the screen before, or too soon after it to have been meant for this
 * one (the second of a double tap), is dropped. Keys are not concerned (`detail` is 0).
 */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Action, View } from '../main/contract.ts';

/** Nobody reads a new screen and reaches for it faster. */
const SETTLE_MS = 350;

export function useTouchGuard(view: View, act: (action: Action) => void): void {
  const latest = useRef(view);
  latest.current = view;
  /** When the screen came up, on the clock of `event.timeStamp`. */
  const drawnAt = useRef(0);
  useLayoutEffect(() => {
    const page = document.documentElement;
    drawnAt.current = performance.now();
    page.dataset['touch'] = 'settling';
    const timer = setTimeout(() => {
      page.dataset['touch'] = 'ready';
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [view.step]);
  useLayoutEffect(() => {
    let pressedOn: number | undefined;
    let early = false;
    let answered = false;
    const onDown = (event: PointerEvent): void => {
      const { step, warning } = latest.current;
      early = event.timeStamp < drawnAt.current + SETTLE_MS;
      pressedOn = step;
      answered = warning !== undefined;
      if (answered) act({ kind: 'still-here' });
    };
    const onClick = (event: MouseEvent): void => {
      if (event.detail === 0) return;
      if (answered || early || (pressedOn !== undefined && pressedOn !== latest.current.step)) {
        event.stopPropagation();
        event.preventDefault();
      }
    };
    // A long press must not open the browser's own menu.
    const onMenu = (event: Event): void => event.preventDefault();
    addEventListener('contextmenu', onMenu, true);
    addEventListener('pointerdown', onDown, true);
    addEventListener('click', onClick, true);
    return () => {
      removeEventListener('contextmenu', onMenu, true);
      removeEventListener('pointerdown', onDown, true);
      removeEventListener('click', onClick, true);
    };
  }, [act]);
}
