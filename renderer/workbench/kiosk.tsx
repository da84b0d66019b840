/** The customer's screen in the middle of the bench, scaled to fit; the frame is loaded once and left alone. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Strings } from './strings.ts';

const SCREEN_WIDTH = 1080;

export function Kiosk({ url, strings }: { readonly url: string | undefined; readonly strings: Strings }) {
  const glass = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState(0.4);

  useLayoutEffect(() => {
    const node = glass.current;
    if (node === null) return undefined;
    const fit = (): void => setScale(node.clientWidth / SCREEN_WIDTH);
    const watch = new ResizeObserver(fit);
    watch.observe(node);
    fit();
    return () => watch.disconnect();
  }, []);

  return (
    <section class="kiosk" aria-label={strings.kiosk.name}>
      <div class="kiosk-glass" ref={glass}>
        {url === undefined ? (
          <div class="kiosk-elsewhere">
            <svg viewBox="0 0 120 150" aria-hidden="true" focusable="false">
              <rect x="22" y="4" width="76" height="112" rx="8" />
              <rect x="30" y="12" width="60" height="84" rx="3" />
              <path d="M46 106h28M40 116l-8 30h56l-8-30" />
            </svg>
            <p class="kiosk-elsewhere-title">{strings.kiosk.elsewhere}</p>
            <p>{strings.kiosk.elsewhereHint}</p>
          </div>
        ) : (
          <iframe
            title={strings.kiosk.name}
            src={url}
            allow="autoplay"
            referrerpolicy="no-referrer"
            style={{ transform: `scale(${scale})` }}
          />
        )}
      </div>
    </section>
  );
}
