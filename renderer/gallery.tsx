/**
 * Development only: any sample View at `gallery.html#name/language`, an index without a name. Nothing is connected; actions
 * are kept in `window.actions` for whoever tests them.
 */
import { render } from 'preact';
import type { ActionMessage } from '../main/contract.ts';
import { Kiosk } from './app.tsx';
import { outline } from './outline.ts';
import type { Outline } from './outline.ts';
import { samples } from './samples.ts';
import './styles/kiosk.css';
import './styles/gallery.css';

declare global {
  interface Window {
    actions: ActionMessage[];
    /** The names of the samples. */
    samples: readonly string[];
    /** The words of the sample that is shown. */
    outline: Outline | undefined;
  }
}

const root = document.getElementById('root');
window.actions = [];
window.samples = samples.map(({ name }) => name);

function Index() {
  return (
    <main class="gallery">
      {samples.map(({ name }) => (
        <p key={name}>
          <a href={`#${name}/id`}>{name}</a> <a href={`#${name}/en`}>en</a>
        </p>
      ))}
    </main>
  );
}

function draw(): void {
  if (root === null) return;
  const [name, language] = location.hash.slice(1).split('/');
  const sample = samples.find((one) => one.name === name);
  const view = sample && { ...sample.view, language: language === 'en' ? ('en' as const) : ('id' as const) };
  window.outline = view && outline(view);
  // Drawn from nothing, as after a reload.
  render(null, root);
  render(view === undefined ? <Index /> : <Kiosk view={view} send={(message) => window.actions.push(message)} />, root);
  document.documentElement.dataset['drawn'] = location.hash;
}

addEventListener('hashchange', draw);
draw();
