/** The PIN is typed on the pad; here is seen only how many digits it has heard. */
import { PinArt } from '../controls/art.tsx';
import { Icon } from '../controls/icon.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function Pin({ screen, view, t, words, act }: ScreenProps<'pin'>) {
  const { digits, minDigits, maxDigits, problem } = screen;
  const places = Math.max(minDigits, Math.min(digits, maxDigits));
  return (
    <Page view={view} words={words} act={act} art={<PinArt />} lines={[t.pin.where, t.pin.cover]}>
      <div class="pin">
        <div class={`pin__dots${places > 8 ? ' pin__dots--many' : ''}`} aria-hidden="true">
          {Array.from({ length: places }, (_, at) => (
            <i key={at} class={at < digits ? 'pin__dot pin__dot--full' : 'pin__dot'} />
          ))}
        </div>
        <p class="pin__count" role="status">
          {t.pin.typed(digits)}
        </p>
      </div>
      {problem === undefined ? (
        <p class="notice notice--calm">
          <Icon name="info" />
          {t.pin.enter}
        </p>
      ) : (
        <div class="notice" role="alert">
          <Icon name="alert" />
          <div>
            <p>{t.pin.tooShort(minDigits)}</p>
            <p>{t.pin.enter}</p>
          </div>
        </div>
      )}
    </Page>
  );
}
