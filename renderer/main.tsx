/** The kiosk page. */
import { render } from 'preact';
import { App } from './app.tsx';
import './styles/kiosk.css';

const root = document.getElementById('root');
if (root !== null) render(<App />, root);
