/** The layout of a screen: a stage for the picture or the figure, a sheet for the words and the choices. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Action, Screen, View } from '../../main/contract.ts';
import type { Outline } from '../outline.ts';
import type { Strings } from '../strings/catalogue.ts';
import { Choices } from './choices.tsx';
import { useFit } from './fit.ts';

/** What a screen component is given: its own screen, its words, and a way to act. */
export interface ScreenProps<K extends Screen['kind']> {
  readonly screen: Extract<Screen, { kind: K }>;
  readonly view: View;
  readonly t: Strings;
  readonly words: Outline;
  readonly act: (action: Action) => void;
}

/** The heading takes the focus when the screen becomes another one: a screen reader starts there. */
export function Title({ step, children }: { readonly step: number; readonly children: ComponentChildren }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (document.querySelector('dialog[open]') === null) ref.current?.focus({ preventScroll: true });
  }, [step]);
  return (
    <h1 ref={ref} tabIndex={-1}>
      {children}
    </h1>
  );
}

export function Lines({ lines }: { readonly lines: readonly string[] }) {
  return lines.map((line) => (
    <p key={line} class="lead">
      {line}
    </p>
  ));
}

export interface PageProps {
  readonly view: View;
  readonly words: Outline;
  readonly act: (action: Action) => void;
  readonly art: ComponentChildren;
  /** Instead of all of `words.lines`. */
  readonly lines?: readonly string[];
  /** Beside the words: a countdown. */
  readonly aside?: ComponentChildren;
  /** Between the words and the choices. */
  readonly children?: ComponentChildren;
}

export function Page({ view, words, act, art, lines, aside, children }: PageProps) {
  const ref = useFit();
  // A choice fits on a short sheet too: it may come later without anything moving.
  const short = words.choices.length <= 1;
  return (
    <div class="page" ref={ref}>
      <div class="stage">{art}</div>
      <div class={short ? 'sheet sheet--short' : 'sheet'}>
        <div class="sheet__top">
          <div class="words" aria-live="polite">
            <Title step={view.step}>{words.title}</Title>
            <Lines lines={lines ?? words.lines} />
          </div>
          {aside}
        </div>
        {children}
        <Choices choices={words.choices} act={act} />
      </div>
    </div>
  );
}
