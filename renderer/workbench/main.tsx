/** Starts the workbench page. Simulation only; the product's own screens are in `renderer/app.tsx`. */
import { render } from 'preact';
import { App } from './app.tsx';
import { takeToken } from './connection.ts';
import './bench.css';
import './card-reader.css';
import './pin-pad.css';
import './printer.css';
import './host.css';
import './rooms.css';

const root = document.getElementById('bench');
if (root !== null) render(<App token={takeToken()} />, root);
