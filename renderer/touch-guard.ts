/**
 * Keeps a touch from doing what it was not meant for. A finger that comes down while "still there?" shows answers that and
 * nothing else; a click whose finger came down on the screen before is dropped. Keys are not concerned (`detail` is 0).
 */
import { useEffect, useRef } from 'preact/hooks';
import type { Action, View } from '../main/contract.ts';

export function useTouchGuard(view: View, act: (action: Action) => void): void {
  const latest = useRef(view);
  latest.current = view;
  useEffect(() => {
    let pressedOn: number | undefined;
    let answered = false;
    const onDown = (): void => {
      const { step, warning } = latest.current;
      pressedOn = step;
      answered = warning !== undefined;
      if (answered) act({ kind: 'still-here' });
    };
    const onClick = (event: MouseEvent): void => {
      if (event.detail === 0) return;
      if (answered || (pressedOn !== undefined && pressedOn !== latest.current.step)) {
        event.stopPropagation();
        event.preventDefault();
      }
    };
    addEventListener('pointerdown', onDown, true);
    addEventListener('click', onClick, true);
    return () => {
      removeEventListener('pointerdown', onDown, true);
      removeEventListener('click', onClick, true);
    };
  }, [act]);
}
