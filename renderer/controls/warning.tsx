/** "Still there?" over the screen: a modal dialog, so that what lies below cannot be reached. Any touch anywhere answers. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Action, View } from '../../main/contract.ts';
import { outline } from '../outline.ts';
import { stringsOf } from '../strings/catalogue.ts';
import { Choices } from './choices.tsx';
import { Countdown } from './countdown.tsx';

export interface WarningProps {
  readonly view: View;
  readonly warning: NonNullable<View['warning']>;
  readonly act: (action: Action) => void;
}

export function Warning({ view, warning, act }: WarningProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  const words = outline(view);
  return (
    <dialog
      ref={ref}
      class="warning"
      role="alertdialog"
      aria-labelledby="warning-title"
      aria-describedby="warning-line"
      onCancel={(event) => {
        event.preventDefault();
        act({ kind: 'still-here' });
      }}
    >
      <Countdown left={warning.secondsLeft} of={warning.ofSeconds} unit={stringsOf(view.language).seconds} />
      <h2 id="warning-title">{words.title}</h2>
      <p id="warning-line" class="lead">
        {words.lines.join(' ')}
      </p>
      <Choices choices={words.choices} act={act} />
    </dialog>
  );
}
