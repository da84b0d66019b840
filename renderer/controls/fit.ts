/**
 * Nothing on a kiosk may scroll or be cut off, however long a name or however small the screen. A page that would not fit
 * is drawn a little smaller, in steps, down to a limit at which its text is still as large as the accessibility figures ask.
 */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { RefObject } from 'preact';

const STEP = 0.03;
const SMALLEST = 0.7;
/** Layout rounds to whole pixels. */
const SLACK_PX = 2;

function overflows(page: HTMLElement): boolean {
  const bottom = page.getBoundingClientRect().bottom + SLACK_PX;
  // Pictures may reach over their stage; words and buttons may not leave their box, nor a box the page.
  return (
    [...page.children].some((box) => box.getBoundingClientRect().bottom > bottom) ||
    [...page.querySelectorAll<HTMLElement>('.stage--words, .sheet')].some(
      (box) => box.scrollHeight > box.clientHeight + SLACK_PX || box.scrollWidth > box.clientWidth + SLACK_PX,
    )
  );
}

function fit(page: HTMLElement): void {
  let zoom = 1;
  page.style.removeProperty('zoom');
  while (zoom > SMALLEST && overflows(page)) {
    zoom -= STEP;
    page.style.setProperty('zoom', zoom.toFixed(2));
  }
}

/** Put the reference on an element of class `page`. */
export function useFit(): RefObject<HTMLDivElement | null> {
  const ref = useRef<HTMLDivElement>(null);
  // After every drawing: what was drawn may be longer than what was there before.
  useLayoutEffect(() => {
    if (ref.current !== null) fit(ref.current);
  });
  useLayoutEffect(() => {
    const again = (): void => {
      if (ref.current !== null) fit(ref.current);
    };
    addEventListener('resize', again);
    document.fonts.addEventListener('loadingdone', again);
    return () => {
      removeEventListener('resize', again);
      document.fonts.removeEventListener('loadingdone', again);
    };
  }, []);
  return ref;
}
